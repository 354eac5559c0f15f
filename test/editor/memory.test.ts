// Editing goes on for hundreds of files, in a library or a service: nothing may pile up.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { chatTemplate, writeScriptedModel } from "./scripted-model.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("two hundred edits in a row leave the memory flat within five percent", async () => {
  const folder = temporaryFolder();
  const answer = ['def area(w, h):\n    """Area."""\n    return w * h', "\n```"];
  const model = await writeScriptedModel(folder.file("model.gguf"), {
    chatTemplate,
    answers: { "\n": answer },
    alternatives: [["def area(w, h):\n    # Area\n    return w * h", "\n```"]],
    contextLength: 4096,
  });
  const program = join(import.meta.dir, "many-edits.ts");
  const { stdout, stderr, exitCode } = Bun.spawnSync([
    process.execPath,
    program,
    model,
    folder.path,
  ]);
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
  const memory = JSON.parse(stdout.toString()) as { held: number; resident: number }[];
  // A hundred edits until all is compiled that is used often.
  const before = memory.slice(20, 40);
  const after = memory.slice(40, 60);
  const most = (stretch: typeof memory) => Math.max(...stretch.map(({ held }) => held));
  expect(most(after) / most(before)).toBeLessThan(1.05);
  // What the system counts comes and goes by a third with what waits to be collected.
  const least = (stretch: typeof memory) => Math.min(...stretch.map(({ resident }) => resident));
  expect(least(after) / least(before)).toBeLessThan(1.2);
}, 120_000);
