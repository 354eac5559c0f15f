// `cromwell data edits` as a user runs it: a folder of repositories, a table of kinds, a file of examples,
// and errors that say what to do.

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell, type Setting } from "./streams.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const run = (argv: readonly string[], more: Setting = {}) =>
  cromwell(["data", "edits", ...argv], { cwd: folder.path, ...more });

function place(name: string, text: string): void {
  mkdirSync(dirname(folder.file(name)), { recursive: true });
  writeFileSync(folder.file(name), text);
}

const code = (name: string) => `def area_of_${name}(${name}_width, height=2):
    """Return the area of ${name} from width and height."""
    ${name}_area = ${name}_width * height
    if ${name}_area < 0:
        raise ValueError("${name}")
    return ${name}_area
`;
place("code/one/one.py", code("one"));
place("code/two/two.py", code("two"));
place("code/kept/kept.py", code("kept"));
place("licenses.tsv", "name\tversion\tlicense\none\t1\tMIT\n");

test("writes examples, and says what became of each kind", async () => {
  const argv = ["--source", "code", "-o", "edits.jsonl", "--held-out", "kept", "--count", "40"];
  const { code, stdout, stderr } = await run([...argv, "--licenses", "licenses.tsv"]);
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(/^docstring +python +\d of 2 /m);
  expect(stderr).toMatch(/2 examples of 2 repositories, 2 files read, in edits.jsonl\n/);
  expect(stderr).toContain("1 held-out example");
  const rows = readFileSync(folder.file("edits.jsonl"), "utf8").trim().split("\n");
  const found = rows.map((row) => JSON.parse(row));
  expect(found.map(({ repository, license }) => [repository, license]).sort()).toEqual([
    ["one", "MIT"],
    ["two", null],
  ]);
  const kept = JSON.parse(readFileSync(folder.file("edits.held-out.jsonl"), "utf8"));
  expect(kept.repository).toBe("kept");
});

test("--json prints one object", async () => {
  const argv = ["--source", "code", "-o", "json.jsonl", "--kind", "docstring", "--json"];
  const { stdout } = await run(argv);
  const { output, examples, kinds } = JSON.parse(stdout);
  expect([examples, kinds[0].kind, kinds.length]).toEqual([3, "docstring", 1]);
  expect(output).toEndWith("json.jsonl");
  for (const row of readFileSync(folder.file("json.jsonl"), "utf8").trim().split("\n")) {
    expect(JSON.parse(row).after).toContain('"""');
  }
});

test.each([
  [["--source", "code", "-o", "x.jsonl", "--kind", "nothing"], "--kind must be one of docstring,"],
  [["--source", "missing", "-o", "x.jsonl"], "cannot read"],
  [["--source", "licenses.tsv", "-o", "x.jsonl"], "is no folder"],
  [["--source", "code", "-o", "x.jsonl", "--licenses", "code/one/one.py"], "no columns"],
  [["--source", "code", "-o", "x.jsonl", "--long-share", "2"], "--long-share must be a number"],
  [["-o", "x.jsonl"], "--source"],
])("%j fails and writes nothing", async (argv, message) => {
  const { code, stderr } = await run(argv);
  expect(code).toBeGreaterThan(0);
  expect(stderr).toContain(message);
  expect(existsSync(folder.file("x.jsonl"))).toBe(false);
});
