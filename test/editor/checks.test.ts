// The cheap checks: they must catch what a small model breaks and let whole code pass.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { findFault, judge } from "../../src/editor/checks.ts";
import { languageOf, looksLikePython, python } from "../../src/editor/languages.ts";

const javascript = languageOf("a.ts")!;
const nobody = () => false;

describe("Python that is whole", () => {
  const whole: [string, string][] = [
    ["nested blocks", "def f(a):\n    if a:\n        return 1\n    return 2\n"],
    ["a block on one line", "if a: b = 1\nelse: b = 2\n"],
    ["a long signature", "def f(\n    a,\n    b,\n):\n    return a\n"],
    ["a docstring at the margin", 'def f():\n    """\ntext (\n"""\n    return 1\n'],
    ["brackets and quotes in strings", "x = '([{' + \"'\" + r'\\d'  # ) it's\n"],
    ["a continued line", "x = 1 + \\\n        2\ny = 3\n"],
    ["tabs", "def f():\n\treturn 1\n"],
    ["comments anywhere", "def f():\n# odd\n    return 1\n      # odd too\n"],
    ["a dictionary over lines", "x = {\n    'a': [1,\n  2],\n}\ny = 1\n"],
    ["indented as a whole", "    x = 1\n    y = 2\n"],
    ["match and a lambda", "match a:\n    case 1:\n        f = lambda x: x\n"],
  ];
  test.each(whole)("%s", (_, text) => {
    expect(findFault(text, python)).toBeUndefined();
  });
});

describe("Python that is broken", () => {
  const broken: [string, string, RegExp][] = [
    ["an open bracket", "x = f(1\ny = 2\n", /\( on line 1 is not closed/],
    ["a bracket too many", "x = f(1))\n", /\) on line 1 closes nothing/],
    ["brackets crossed", "x = (1]\n", /\] on line 1/],
    ["an open string", "x = 'abc\n", /string on line 1/],
    ["an open docstring", 'def f():\n    """text\n    return 1\n', /string on line 2/],
    ["no block", "def f():\nreturn 1\n", /line 2 should be indented/],
    ["a block cut off", "def f():\n    if a:\n", /last block is empty/],
    ["too deep", "x = 1\n    y = 2\n", /line 2 is indented too far/],
    ["between two levels", "def f():\n    if a:\n        b\n      c\n", /line 4 fits no block/],
  ];
  test.each(broken)("%s", (_, text, wanted) => {
    expect(findFault(text, python)).toMatch(wanted);
  });
});

describe("other languages", () => {
  const whole: [string, string][] = [
    ["a.ts", "const a = `\\`(`; // [\n/* { */ const c = '\"' + \"'\";\nf({ a: [1] });\n"],
    ["a.js", "const quote = /[\"'(/]/g.test(x) ? a / b : [/\\(/, c / d];\n"],
    ["a.js", 'return /"/;\n'],
    ["a.cpp", "char c = '\"', d = '\\'', e = '\\u0028'; int x = 1'000;\n"],
    ["a.go", "s := `(\n\"` + string('(')\n"],
    ["a.json", '{"a": ["(", 1]}\n'],
  ];
  test.each(whole)("%s: %s is whole", (name, text) => {
    expect(findFault(text, languageOf(name)!)).toBeUndefined();
  });

  test("faults are found", () => {
    expect(findFault("/* no end", javascript)).toContain("does not end");
    expect(findFault("f({ a: [1] );", javascript)).toContain(") on line 1");
    expect(findFault("const a = 'x\n';", javascript)).toContain("string on line 1");
  });

  test("JSX is not judged", () => {
    expect(findFault("<p>don't (</p>", languageOf("a.tsx")!)).toBeUndefined();
  });
});

test("the project's own sources have no fault", () => {
  const root = join(import.meta.dir, "../..");
  for (const path of new Glob("src/**/*.ts").scanSync(root)) {
    expect(findFault(readFileSync(join(root, path), "utf8"), javascript)).toBeUndefined();
  }
});

describe("the verdict", () => {
  test("a fault that was there before may stay", () => {
    const { refused, checks } = judge("x = (1\n", "x = (2\n", python, nobody);
    expect(refused).toBeUndefined();
    expect(checks).toEqual({ parses: null, balanced: false });
  });

  test("a new fault is refused", () => {
    expect(judge("x = 1\n", "x = (1\n", python, nobody).refused).toContain("not well formed");
  });

  test("an unknown language is not judged, but its functions are counted", () => {
    const before = "func a() {}\nfunc b() {}\n";
    expect(judge(before, before, undefined, nobody).checks).toEqual({
      parses: null,
      balanced: null,
    });
    expect(judge(before, "func a() {}\n", undefined, nobody).refused).toBe(
      "the answer loses func b",
    );
  });

  test("a function may go or be renamed where the instruction names it", () => {
    const before = "def a():\n    pass\n\n\nclass B:\n    x = 1\n";
    const after = "def c():\n    pass\n\n\nclass B:\n    x = 1\n";
    expect(judge(before, after, python, nobody).refused).toBe("the answer loses def a");
    expect(judge(before, after, python, (name) => name === "a").refused).toBeUndefined();
  });
});

test("languages are known by extension, Python on stdin by its look", () => {
  expect(languageOf("dir.py/readme")).toBeUndefined();
  expect(languageOf("A.PY")).toBe(python);
  expect(looksLikePython("import os\n\ndef f(a):\n")).toBe(true);
  expect(looksLikePython("A letter.\n")).toBe(false);
});
