// The normal form: what a formatter may change makes no difference, what a program does makes one.

import { expect, test } from "bun:test";
import { normalForm, sameForm } from "../../../src/evaluation/edits/normal-form.ts";
import { languageById } from "../../../src/syntax/languages.ts";
import { loadSyntax } from "../../../src/syntax/syntax.ts";

async function areSame(language: string, a: string, b: string): Promise<boolean> {
  const syntax = (await loadSyntax(languageById(language)!))!;
  const trees = [a, b].map((text) => syntax.parse(text));
  const [one, other] = trees.map(({ root }) => normalForm(root));
  for (const tree of trees) tree.close();
  return sameForm(one!, other!);
}

const python = (a: string, b: string) => areSame("python", a, b);
const typescript = (a: string, b: string) => areSame("typescript", a, b);
const javascript = (a: string, b: string) => areSame("javascript", a, b);

test.each([
  ["x = f( a,b )", "x = f(\n    a,\n    b,\n)"],
  ["x = 'it\\'s'", `x = "it's"`],
  ["x = u'a' # why", `# because\nx = U"a"`],
  ["return (a + b), c", "return (a + b, c)"],
  ["for (a, b) in c:\n  pass", "for a, b in c:\n    pass"],
  ["if (a): b", "if a:\n\tb"],
  ["a; b", "a\nb"],
  ["x = a + \\\n  b", "x = a + b"],
  ["from a import (b, c,)", "from a import b, c"],
  ['def f():\n  """ A\n     b. """', "def f():\n    '''A\n    b.\n    '''"],
  ["x = f'{a!r:>10}'", 'x = f"{a!r:>10}"'],
])("in Python %p is %p", async (a, b) => {
  expect(await python(a, b)).toBe(true);
});

test.each([
  ["x[1,]", "x[1]"],
  ["(a,)", "a"],
  ["a * (b + c)", "a * b + c"],
  ["f'{x:>10}'", "f'{x:>12}'"],
  ["f'{x!r}'", "f'{x!s}'"],
  ["x = 'a  b'", "x = 'a b'"],
  ["x = r'\\''", "x = '\\''"],
  ["x = b'a'", "x = 'a'"],
  ["if a:\n  b\n  c", "if a:\n  b\nc"],
  ["x = 'end'", "x = 'tuple'"],
  ["a < b < c", "(a < b) < c"],
])("in Python %p is not %p", async (a, b) => {
  expect(await python(a, b)).toBe(false);
});

test.each([
  ["const f = x => (x)", "const f = (x,) => x;"],
  ["if (a) { return 1; }", "if (a) return 1"],
  ["for (const a of b) { c(a) }", "for (const a of b) c(a);"],
  ["f('a', [1, 2,],)", 'f("a", [1, 2])'],
  ["x = 'say \"a\"'", 'x = "say \\"a\\"";'],
])("in a script %p is %p", async (a, b) => {
  expect(await javascript(a, b)).toBe(true);
  expect(await typescript(a, b)).toBe(true);
});

test.each([
  ["[a,,]", "[a]"],
  ["for (;;) f()", "for (;a;) f()"],
  ["x = `a  b`", "x = `a b`"],
  ["if (a) { let b = 1 }", "if (a) { var b = 1 }"],
  ["if (a) { b(); c() }", "if (a) b(); c()"],
  ["x = a ?? (b || c)", "x = a ?? b"],
  ["x = /a b/g", "x = /ab/g"],
  ["const f = x => x", "const f = y => y"],
])("in a script %p is not %p", async (a, b) => {
  expect(await javascript(a, b)).toBe(false);
  expect(await typescript(a, b)).toBe(false);
});

test("members of a type are parted by what one likes", async () => {
  const [a, b] = [
    "interface A { a: string; b?: number }",
    "interface A {\n a: string,\n b?: number,\n}",
  ];
  expect(await typescript(a, b)).toBe(true);
  expect(await typescript(a, a.replace("?", ""))).toBe(false);
});
