// Tokens line by line: one that spans lines belongs to each of them.

import { expect, test } from "bun:test";
import { LineTokens, parsedFile } from "../../src/cli/parsed-file.ts";

test("a token is cut at the lines' ends and counted from their start", () => {
  const text = 'a = """x\ny\nz""" # c\n';
  const lines = new LineTokens(text, [
    { start: 4, end: 16, kind: "string" },
    { start: 17, end: 20, kind: "comment" },
  ]);
  const spans = (line: number) => lines.of(line).map(({ start, end, kind }) => [kind, start, end]);
  expect(spans(0)).toEqual([["string", 4, 16]]);
  expect(spans(1)).toEqual([["string", 0, 7]]);
  expect(spans(2)).toEqual([
    ["string", 0, 5],
    ["comment", 6, 9],
  ]);
  expect(spans(3)).toEqual([]);
});

test("lines may be skipped, and without tokens have none", () => {
  const lines = new LineTokens("1\n2\n3\n", [
    { start: 0, end: 1, kind: "number" },
    { start: 4, end: 5, kind: "number" },
  ]);
  expect(lines.of(2)).toEqual([{ start: 0, end: 1, kind: "number" }]);
  expect(new LineTokens("1\n2\n").of(1)).toEqual([]);
});

test("a text is parsed in the language of its name, where it has one", async () => {
  expect((await parsedFile("a.py", "def f():\n    pass\n"))?.units).toHaveLength(1);
  expect(await parsedFile("notes.txt", "plain words\n")).toBeUndefined();
  expect(await parsedFile("a.py", "")).toBeUndefined();
});

test("a text that takes too long to parse has no colours", async () => {
  expect(await parsedFile("a.py", "x = 1\n".repeat(100_000))).toBeUndefined();
  expect(await parsedFile("a.js", "([{".repeat(130_000))).toBeUndefined();
});
