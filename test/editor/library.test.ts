// The examples of docs/library.md are run as they stand there, as a user's program would be.

import { expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { unifiedDiff } from "../../src/patch/diff.ts";
import { chatTemplate, writeScriptedModel } from "./scripted-model.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const root = join(import.meta.dir, "../..");
const page = readFileSync(join(root, "docs/library.md"), "utf8");

/** The example of each section, by its heading. */
const examples = page.split(/^## /m).flatMap((section): [string, string][] => {
  const heading = section.split("\n", 1)[0]!;
  return Array.from(section.matchAll(/```ts\n([\s\S]*?)```/g), ([, code]) => [heading, code!]);
});

const before = "def area(w, h):\n    return w * h\n";
const edited = 'def area(w, h):\n    """Area."""\n    return w * h';

const patched = "def area(w, h):\n    return h * w\n";

/** What each example prints. */
const wanted: Record<string, string | RegExp> = {
  "Edit a file":
    '--- a/main.py\n+++ b/main.py\n@@ -1,2 +1,3 @@\n def area(w, h):\n+    """Area."""\n     return w * h\n\n',
  "Watch an edit": "rewriting area\nanswer 1: edited\nanswer 2: edited\n2 1\n",
  "Fill in a place": '"2 * " stop\n',
  "Generate token by token": " pass",
  "Gather context": /^\d+ units, \d+ tokens/,
  Diffs: "--- a/src/area.py\n+++ b/src/area.py\n@@ -1 +1 @@\n-print(1)\n+print(2)\n",
  "Apply a patch": "modify main.py\nmain.py: fits\n",
  "The files of a project": /^fix\.patch 97\nmain\.py 33\nold\.md 0\nprogram\.ts \d+\n.*"example"/s,
  "Train a tokenizer": /^\d+ .*\n\[/,
  "Train a model": /^1 \d+\.\d+\n2 \d+\.\d+\nfinished 2 .*step-00000002\.gguf\n$/,
  "List trainings": "runs/nano stopped 4/9 2.5\n",
  "Fine-tune": /^3 (ham|spam) Float32Array\(2\) /,
  "Prepare a corpus": /^\d+ \{[\s\S]*\n\d+ \[/,
  "Batches to train on": /^\d+ 2\nUint32Array\(8\) /,
  "Measure a model": /^32 \d+\.\d\d 0\.\d\d\n$/,
  "Stop, and errors": "input: cannot read missing.py: no such file or folder\n",
};

/** What main.py is afterwards, where the example writes it. */
const written: Record<string, string> = {
  "Edit a file": `${edited}\n`,
  "Apply a patch": patched,
};

test("docs/library.md has an example in each section", () => {
  expect(examples.map(([heading]) => heading)).toEqual(Object.keys(wanted));
});

test.each(examples)("the example of %s", async (heading, code) => {
  const folder = temporaryFolder();
  await writeScriptedModel(folder.file("model.gguf"), {
    chatTemplate,
    answers: { "\n": [edited, "\n```"], ":": [" pass"], " ": ["2 * "] },
  });
  folder.write("main.py", before);
  folder.write("old.md", "");
  mkdirSync(folder.file("runs/nano"), { recursive: true });
  folder.write("runs/nano/metrics.jsonl", '{"type":"step","step":4,"steps":9,"loss":2.5}\n');
  folder.write("fix.patch", unifiedDiff("main.py", before, patched));
  const program = code.replace(
    'from "cromwell"',
    `from ${JSON.stringify(join(root, "src/index.ts"))}`,
  );
  const path = folder.write("program.ts", program);
  const { stdout, stderr, exitCode } = Bun.spawnSync([process.execPath, path], {
    cwd: folder.path,
    env: { ...process.env, CROMWELL_HOME: folder.file("home") },
  });
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
  const output = wanted[heading]!;
  if (typeof output === "string") expect(stdout.toString()).toBe(output);
  else expect(stdout.toString()).toMatch(output);
  const after = readFileSync(folder.file("main.py"), "utf8");
  expect(after).toBe(written[heading] ?? before);
});
