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
  const resident = JSON.parse(stdout.toString()) as number[];
  // What waits to be collected comes and goes by a third: the least of each stretch is what is held.
  const least = (from: number, to: number) => Math.min(...resident.slice(from / 5, to / 5));
  expect(least(150, 200) / least(50, 100)).toBeLessThan(1.05);
}, 120_000);
