// An answer that says the same lines over and over is stopped; one whose text does so by nature is not.

import { expect, test } from "bun:test";
import { RepetitionWatch } from "../../src/editor/repetition-watch.ts";

/** The first line that is found to begin a repetition, after how many lines. */
function stopped(original: string, lines: readonly string[]) {
  const watch = new RepetitionWatch(original);
  for (const [index, line] of lines.entries()) {
    const fault = watch.line(line);
    if (fault !== undefined) return { line: fault.line, after: index + 1 };
  }
  return undefined;
}

test("one line, or several in turn", () => {
  const one = ["def f():", ...Array.from({ length: 40 }, () => "    x = 1")];
  expect(stopped("def f():\n    pass", one)).toEqual({ line: 1, after: 13 });
  const three = ["a", ...Array.from({ length: 60 }, (_, i) => ["x", "y", "z"][i % 3]!)];
  expect(stopped("a\nb", three)).toEqual({ line: 1, after: 13 });
});

test("a text without repetition goes on", () => {
  const lines = Array.from({ length: 300 }, (_, i) => `x${i} = ${i}`);
  expect(stopped("", lines)).toBeUndefined();
  expect(stopped("", ["a", "a", "b", "b", "}", "}", "}", "}"])).toBeUndefined();
});

test("a text that repeats itself may do so in the answer", () => {
  const table = Array.from({ length: 40 }, () => "    0, 0, 0, 0,");
  expect(stopped(table.join("\n"), table)).toBeUndefined();
  const endless = Array.from({ length: 400 }, () => "    0, 0, 0, 0,");
  expect(stopped(table.join("\n"), endless)).toMatchObject({ line: 0 });
});
