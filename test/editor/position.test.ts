// Positions as users count them, and where generated text meets the text after the place.

import { expect, test } from "bun:test";
import { parsePosition, splitAt } from "../../src/editor/position.ts";
import { CromwellError } from "../../src/errors.ts";

const text = "a = 1\r\né😀x\n\nlast";

const cuts: [string, string][] = [
  ["1", "a = 1"],
  ["1:1", ""],
  ["1:6", "a = 1"],
  ["2:3", "a = 1\r\né😀"],
  ["2", "a = 1\r\né😀x"],
  ["3", "a = 1\r\né😀x\n"],
  ["4:5", text],
];

test.each(cuts)("%s is after %j", (at, prefix) => {
  const cut = splitAt(text, parsePosition(at));
  expect(cut).toEqual({ prefix, suffix: text.slice(prefix.length) });
});

test.each(["", "0", "1:0", "x", "1:", ":2", "1:2:3", "-1", "1.5"])("%j is no position", (at) => {
  expect(() => parsePosition(at)).toThrow(CromwellError);
});

test("a position outside the text is refused with what there is", () => {
  expect(() => splitAt(text, { line: 6, column: undefined })).toThrow("the text has 4");
  expect(() => splitAt(text, { line: 2, column: 5 })).toThrow("it has 3 characters");
});
