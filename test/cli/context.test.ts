// `cromwell context`: exactly the text that a model would be shown, on stdout; what is not shown, on
// stderr; the numbers behind it in a table or as JSON.

import { beforeAll, expect, test } from "bun:test";
import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { project, temporaryFolder } from "../context/folder.ts";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { cromwell, type Outcome } from "./streams.ts";

const root = project({
  "main.py":
    "from store import Shelf\n\n\ndef fill(shelf):\n    shelf.place('tea')\n    return Shelf.count(shelf)\n\n\ndef other():\n    return None\n",
  "store.py":
    "class Shelf:\n    def place(self, thing):\n        self.things.append(thing)\n\n    def count(self):\n        return len(self.things)\n",
  "far/away.py": "def unlike():\n    return 'nothing of this'\n",
});
const home = temporaryFolder();
let model = "";
beforeAll(async () => {
  model = await writeScriptedModel(join(home, "model.gguf"), { answers: { "\n": ["x"] } });
});

function run(...argv: string[]): Promise<Outcome> {
  const env = { CROMWELL_HOME: home, CROMWELL_MODEL: model };
  return cromwell(["context", ...argv], { cwd: root, env });
}

test("prints what would be shown and nothing else", async () => {
  const { code, stdout, stderr } = await run("main.py", "--symbol", "fill");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("store.py:1-6\nclass Shelf:\n    def place(self, thing):\n");
  expect(stdout).not.toContain("unlike");
  expect(stdout).not.toContain("shelf.place('tea')");
});

test("counts by the model's tokenizer, and never more than the budget", async () => {
  // A token is a byte in this model.
  const whole = JSON.parse((await run("main.py", "--lines", "4:6", "--json")).stdout);
  expect(whole.tokens).toBe(Buffer.byteLength(whole.text));
  for (const budget of [whole.tokens, whole.tokens - 1, 60, 1]) {
    const found = JSON.parse(
      (await run("main.py", "--lines", "4:6", "--budget", `${budget}`, "--json")).stdout,
    );
    expect(found.tokens).toBeLessThanOrEqual(budget);
    expect(found.tokens).toBe(Buffer.byteLength(found.text));
  }
});

test("--json says what was found, shown and left out", async () => {
  const { stdout } = await run("main.py", "--lines", "4:6", "--json", "--budget", "60");
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({
    file: "main.py",
    region: { first: 4, last: 6 },
    budget: 60,
    secrets: [],
    skipped: [],
    index: { files: 3, kept: true },
  });
  const [unit] = found.units;
  expect(Object.keys(unit)).toEqual([
    "file",
    "name",
    "first",
    "last",
    "shown",
    "tokens",
    "score",
    "parts",
  ]);
  expect(unit.shown).not.toBe("whole");
});

test("--explain shows each unit's score and tokens", async () => {
  const { stdout } = await run("main.py", "--symbol", "fill", "--explain");
  expect(stdout).toMatch(
    /^ *score +words +definition +imported +near +recent +tokens +shown +unit\n/,
  );
  expect(stdout).toMatch(/\d\.\d{3} .* whole +store\.py:\d+-\d+ Shelf/);
  expect(stdout).toMatch(/\d+ of 4,096 tokens\n\d+ units in 3 files, \d+ of them read now\n/);
});

test("what does not fit is said on stderr", async () => {
  const { code, stderr } = await run("main.py", "--symbol", "fill", "--budget", "40");
  expect(code).toBe(0);
  expect(stderr).toMatch(/^cromwell: units: .*do not fit|signature.*--explain shows them\n$/);
});

test("the index is kept in CROMWELL_HOME and used again", async () => {
  await run("main.py");
  expect(existsSync(join(home, "index"))).toBe(true);
  const again = JSON.parse((await run("main.py", "--json")).stdout);
  expect(again.index).toMatchObject({ kept: true });
  rmSync(join(home, "index"), { recursive: true });
  const anew = JSON.parse((await run("main.py", "--json")).stdout);
  expect(anew.index.files_read).toBe(3);
  expect(anew.text).toBe(again.text);
});

test("a link to a file is that file", async () => {
  const link = join(temporaryFolder(), "link.py");
  symlinkSync(join(root, "main.py"), link);
  const { stdout } = await run(link, "--symbol", "fill");
  expect(stdout).toContain("class Shelf:");
});

const wrong: [string[], number, RegExp][] = [
  [["missing.py"], 1, /cannot read missing\.py/],
  [["main.py", "--lines", "0:3"], 2, /--lines must be A:B/],
  [["main.py", "--lines", "5:4"], 2, /--lines must be A:B/],
  [["main.py", "--lines", "3:99"], 1, /there is no line 99: main\.py has 10/],
  [
    ["main.py", "--symbol", "absent"],
    1,
    /main\.py has no function or class absent; it has fill, other/,
  ],
  [["main.py", "--symbol", "fill", "--lines", "1:2"], 2, /--lines and --symbol exclude each other/],
  [["main.py", "--budget", "0"], 2, /--budget must be a whole number from 1/],
  [["main.py", "--model", "absent.gguf"], 1, /no model at/],
];

test.each(wrong)("%j ends with %i", async (argv, expected, message) => {
  const { code, stdout, stderr } = await run(...argv);
  expect([code, stdout]).toEqual([expected, ""]);
  expect(stderr).toMatch(message);
});

test("Ctrl-C ends it", async () => {
  const env = { CROMWELL_HOME: home, CROMWELL_MODEL: model };
  const setting = { cwd: root, env, signal: AbortSignal.abort() };
  expect((await cromwell(["context", "main.py"], setting)).code).toBe(130);
});

test("works on lines of a text that is too much for its grammar", async () => {
  const file = join(home, "deep.yaml");
  writeFileSync(file, `a: 1\n${"- ".repeat(400)}b\n`);
  const { code, stderr } = await run(file, "--lines", "1:1");
  expect([code, stderr]).toEqual([0, ""]);
});
