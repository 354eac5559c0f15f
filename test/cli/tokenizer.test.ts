// `cromwell tokenizer train` as a user runs it: the file and one line, JSON, a progress line on a terminal
// only, and an error that says what is wrong with the corpus, the size or the disk.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell } from "./streams.ts";
import { writeTwoGigabytes } from "./two-gigabytes.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const source = join(import.meta.dir, "../../src/tokenizer");
const run = (argv: string[], more = {}) =>
  cromwell(["tokenizer", "train", ...argv], { cwd: folder.path, ...more });

function corpus(name: string, files: Record<string, string | Uint8Array>): string {
  mkdirSync(folder.file(name));
  for (const [file, contents] of Object.entries(files)) {
    writeFileSync(join(folder.file(name), file), contents);
  }
  return name;
}

test("writes tokenizer.json where the user is", async () => {
  const { code, stdout, stderr } = await run(["--corpus", source, "--vocab-size", "700"]);
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(
    /^cromwell: left out: 1 generated\ncromwell: wrote 700 tokens to tokenizer.json, learnt from \d+ files, /,
  );
  expect(existsSync(folder.file("tokenizer.json"))).toBe(true);
});

test("--json tells what was learnt from what", async () => {
  const argv = ["--corpus", source, "--vocab-size", "400", "-o", "j.json", "--json"];
  const { stdout, stderr } = await run(argv);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({
    output: "j.json",
    vocabularySize: 400,
    merges: 135,
    leftOut: { generated: 1 },
    forgotten: 0,
  });
});

test("a progress line on a terminal, gone at the end", async () => {
  const argv = ["--corpus", source, "--vocab-size", "700"];
  const { stderr } = await run(argv, { terminal: true });
  expect(stderr).toContain("\r\x1b[2Kreading: ");
  expect(stderr).toContain("\r\x1b[2Kcromwell: left out");
});

test("what was left out, and a vocabulary that is smaller than asked for, are said", async () => {
  const at = corpus("few", { "a.txt": "abc abc", "b.bin": "x", "c.txt": new Uint8Array([0]) });
  const { code, stderr } = await run(["--corpus", at, "--output", "few.json"]);
  expect(code).toBe(0);
  expect(stderr).toContain("cromwell: left out: 2 binary\n");
  expect(stderr).toMatch(/cromwell: 26\d tokens instead of 50000: no other pair occurs twice\n/);
});

describe("refused with one line", () => {
  const empty = corpus("empty", {});
  const binary = corpus("binary", { "a.png": "x", "b.txt": new Uint8Array(9) });
  const wrong: [string, string[], number, RegExp][] = [
    ["an empty corpus", ["--corpus", empty], 1, /^cromwell: .*empty has no text to learn from; `/],
    ["binary files only", ["--corpus", binary], 1, /no text to learn from; left out: 2 binary;/],
    ["no corpus", ["--corpus", "absent"], 1, /cannot read .*absent: no such file or folder/],
    [
      "too small a size",
      ["--corpus", source, "--vocab-size", "264"],
      2,
      /has 265 \(256 bytes and 9/,
    ],
    ["no number", ["--corpus", source, "--vocab-size", "many"], 2, /--vocab-size must be a whole/],
    [
      "a folder as output",
      ["--corpus", source, "-o", "empty"],
      1,
      /cannot write .*: it is a folder/,
    ],
    [
      "no folder for the output",
      ["--corpus", source, "-o", "no/t.json"],
      1,
      /cannot write .*no such/,
    ],
    ...writeTwoGigabytes(folder.path).map(([name, message]): [string, string[], number, RegExp] => {
      return [`2 GB without a line's end, ${name}`, ["--corpus", name], 1, message];
    }),
  ];
  test.each(wrong)("%s", async (_, argv, wanted, message) => {
    const { code, stdout, stderr } = await run(argv);
    expect([code, stdout]).toEqual([wanted, ""]);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain("\n");
  });

  test("another action", async () => {
    const { code, stderr } = await cromwell(["tokenizer", "show", "--corpus", "."]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('tokenizer: there is no "show"')]);
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk", async () => {
    const { code, stderr } = await run(["--corpus", source, "-o", "/dev/full"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot write \/dev\/full/);
  });
});
