// What keeps a broken edit from being offered: it must catch what a small model breaks and let whole
// code pass.

import { beforeAll, describe, expect, test } from "bun:test";
import { judge } from "../../src/editor/checks.ts";
import { languageById } from "../../src/syntax/languages.ts";
import { loadSyntax, type Syntax } from "../../src/syntax/syntax.ts";

const nobody = () => false;
let python: Syntax;
beforeAll(async () => {
  python = (await loadSyntax(languageById("python")!))!;
});

describe("faults of syntax", () => {
  test("a new fault is refused, with its place", () => {
    const { refused, checks } = judge("x = 1\n", "y = 1\nx = (1\n", python, nobody);
    expect(refused).toContain("the answer is not well formed: line 2");
    expect(checks).toEqual({ parses: false });
  });

  test("a fault that was there before may stay", () => {
    const { refused, checks } = judge("x = (1\n", "x = (2\n", python, nobody);
    expect(refused).toBeUndefined();
    expect(checks).toEqual({ parses: false });
  });

  test("a second one in a broken file is refused, and named", () => {
    const before = "x = 1 1\n\ndef f():\n    return 1\n";
    const after = "x = 1 1\n\ndef f():\n    return )\n";
    expect(judge(before, after, python, nobody).refused).toContain("line 4");
    expect(judge(before, before.replace("1 1", "1"), python, nobody)).toEqual({
      checks: { parses: true },
    });
  });

  test("Python's indentation counts", () => {
    const after = "def f():\n    x = 1\n      return x\n";
    expect(judge("def f():\n    return 1\n", after, python, nobody).refused).toContain(
      "the indentation of line 3 is wrong",
    );
  });
});

describe("functions and classes that are lost", () => {
  const before = "def a():\n    pass\n\n\nclass B:\n    x = 1\n";
  const after = "def c():\n    pass\n\n\nclass B:\n    x = 1\n";

  test("are refused, except where the instruction names them", () => {
    expect(judge(before, after, python, nobody).refused).toBe("the answer loses function a");
    expect(judge(before, after, python, (name) => name === "a").refused).toBeUndefined();
  });

  test("are known by the shape of their line in a language without a grammar", () => {
    const zig = "fn a() void {}\nfn b() void {}\n";
    expect(judge(zig, zig, undefined, nobody)).toEqual({ checks: { parses: null } });
    expect(judge(zig, "fn a() void {}\n", undefined, nobody).refused).toBe("the answer loses fn b");
  });
});

test("a text that is too much for the grammar is not judged, and its functions are counted", () => {
  const huge = `def a():\n    pass\n${"x = 1\n".repeat(1_500_000)}`;
  const { checks, refused } = judge(
    huge,
    huge.slice("def a():\n    pass\n".length),
    python,
    nobody,
  );
  expect([checks, refused]).toEqual([{ parses: null }, "the answer loses def a"]);
});
