// The examples of docs/library.md are run as they stand there, as a user's program would be.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chatTemplate, writeScriptedModel } from "./scripted-model.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const root = join(import.meta.dir, "../..");
const page = readFileSync(join(root, "docs/library.md"), "utf8");
const examples = Array.from(page.matchAll(/```ts\n([\s\S]*?)```/g), ([, code]) => code!);

const before = "def area(w, h):\n    return w * h\n";
const edited = 'def area(w, h):\n    """Area."""\n    return w * h';

test("docs/library.md has three examples", () => {
  expect(examples).toHaveLength(3);
});

const wanted = [
  '--- a/main.py\n+++ b/main.py\n@@ -1,2 +1,3 @@\n def area(w, h):\n+    """Area."""\n     return w * h\n\n',
  " pass",
  "input: cannot read missing.py: no such file or folder\n",
];

test.each(examples.map((code, index) => [index, code] as const))(
  "example %d",
  async (index, code) => {
    const folder = temporaryFolder();
    await writeScriptedModel(folder.file("model.gguf"), {
      chatTemplate,
      answers: { "\n": [edited, "\n```"], ":": [" pass"] },
    });
    folder.write("main.py", before);
    const program = code.replace(
      'from "cromwell"',
      `from ${JSON.stringify(join(root, "src/index.ts"))}`,
    );
    const path = folder.write("program.ts", program);
    const { stdout, stderr, exitCode } = Bun.spawnSync([process.execPath, path], {
      cwd: folder.path,
    });
    expect([exitCode, stderr.toString(), stdout.toString()]).toEqual([0, "", wanted[index]!]);
    const after = index === 0 ? `${edited}\n` : before;
    expect(readFileSync(folder.file("main.py"), "utf8")).toBe(after);
  },
);
