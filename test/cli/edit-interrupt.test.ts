// Ctrl-C, SIGTERM and a closed terminal at any moment of `cromwell edit --write`, in processes of their own: the file is the
// old one or the new one, nothing is left beside it, and the exit code says which.

import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chatTemplate, writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

const folder = temporaryFolder();
const main = join(import.meta.dir, "../../src/main.ts");
const before = "def area(w, h):\n    return w * h\n";
const after = 'def area(w, h):\n    """Area."""\n    return w * h\n';
const model = await writeScriptedModel(folder.file("model.gguf"), {
  chatTemplate,
  answers: { "\n": [after.trimEnd(), "\n```"] },
});

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Starts an edit, sends the signal after so many milliseconds, and tells what became of it. */
async function interrupted(milliseconds: number, signal: (typeof signals)[number]) {
  const place = `place-${signal}-${milliseconds}`;
  mkdirSync(folder.file(place));
  const file = folder.write(`${place}/f.py`, before);
  const child = Bun.spawn([process.execPath, main, "edit", "f.py", "-i", "Add a docstring", "-w"], {
    cwd: folder.file(place),
    env: { CROMWELL_MODEL: model, CROMWELL_HOME: folder.file(`${place}-home`), PATH: "" },
    stdout: "ignore",
    stderr: "pipe",
  });
  const timer = setTimeout(() => child.kill(signal), milliseconds);
  const code = await child.exited;
  clearTimeout(timer);
  const contents = readFileSync(file, "utf8");
  return { code, contents, left: readdirSync(folder.file(place)) };
}

test("leaves the file whole, and nothing beside it", async () => {
  const codes = new Set<number>();
  for (let milliseconds = 20; milliseconds <= 500; milliseconds += 40) {
    const signal = signals[(milliseconds / 20) % signals.length]!;
    const { code, contents, left } = await interrupted(milliseconds, signal);
    codes.add(code);
    expect(left).toEqual(["f.py"]);
    expect([before, after]).toContain(contents);
    if (code === 0) expect(contents).toBe(after);
    // A signal that comes before the program has taken it over ends it as the system does.
    else expect([129, 130, 143]).toContain(code);
  }
  expect(codes.size).toBeGreaterThan(1);
}, 60_000);

test("an edit that is not interrupted is written", async () => {
  expect(await interrupted(60_000, "SIGINT")).toEqual({ code: 0, contents: after, left: ["f.py"] });
}, 60_000);
