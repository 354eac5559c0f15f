// Where a text has the code that an instruction quotes, and which lines that is about.

import { expect, test } from "bun:test";
import { linesAround, quotedCode } from "../../src/editor/quoted-code.ts";

const text = `def load(path):
    stream = open(path)
    return stream.read()

total = open(path)
`;

const quoted = (instruction: string) =>
  quotedCode(instruction, text).map((places) =>
    places.map(({ start, end }) => text.slice(start, end)),
  );

test("code between backticks is found wherever it stands, quotation by quotation", () => {
  expect(quoted("Catch OSError around `stream = open(path)`")).toEqual([["stream = open(path)"]]);
  expect(quoted("Use ` open(path) ` and `stream.read()`, not `f(x)`")).toEqual([
    ["open(path)", "open(path)"],
    ["stream.read()"],
  ]);
});

test("names, values and code that is only said are none", () => {
  for (const said of [
    "`path`",
    "`stream.read`",
    "`'path'`",
    '`"r b"`',
    "`4.5`",
    "`-1`",
    "open(path)",
  ]) {
    expect(quoted(`Put in ${said}`)).toEqual([]);
  }
});

test("lines reach from the break before them to the first letter of the next", () => {
  const around = (code: string) => {
    const start = text.indexOf(code);
    const lines = linesAround({ start, end: start + code.length }, text);
    return text.slice(lines.start, lines.end);
  };
  expect(around("open(path)")).toBe("\n    stream = open(path)\n    r");
  expect(around("load(path)")).toBe("def load(path):\n    s");
  expect(around("stream.read()")).toBe("\n    return stream.read()\n\nt");
  expect(around("total = open(path)")).toBe("\ntotal = open(path)\n");
});
