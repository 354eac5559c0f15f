// Bugs that are planted in Python: one place changes, the instruction can quote it, and it is wrong.
// What was is what comes back.

import { describe, expect, test } from "bun:test";
import { befores, reversals } from "./reversals.ts";

/** The one line that differs. */
function changed(before: string, after: string): [string, string] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const at = a.findIndex((line, index) => line !== b[index]);
  expect(a.length).toBe(b.length);
  expect(a.slice(at + 1)).toEqual(b.slice(at + 1));
  return [a[at]!.trim(), b[at]!.trim()];
}

describe("bug-operator", () => {
  const text =
    'def f(a, b):\n    if a < b and "x" not in a:\n        return a - 1\n    return "a" + b';

  test("changes one operator of the language, and none that joins texts", async () => {
    const found = await reversals("bug-operator", text, { seeds: 200 });
    for (const { before, after, facts } of found) {
      changed(before, after);
      expect(after).toBe(text);
      expect(before.split(facts.wrong!)).toHaveLength(2);
      expect(text).toContain(facts.right!);
    }
    const all = found.map(({ before }) => before).join("\n");
    for (const wrong of ["a > b", "a <= b", " or ", '"x" in a', "a + 1"])
      expect(all).toContain(wrong);
    expect(all).not.toContain('"a" - b');
  });

  test("a telling instruction quotes the place or names the operator", async () => {
    const found = await reversals("bug-operator", "def f(a, b):\n    return a < b", { seeds: 200 });
    const telling = found.filter(({ instruction }) => /`|operator/.test(instruction));
    expect(telling.length).toBeGreaterThan(0);
  });

  test("leaves a chain of comparisons alone", async () => {
    expect(await befores("bug-operator", "def f(a, b):\n    return 0 < a < b")).toEqual([]);
  });
});

test("bug-off-by-one changes a range, a slice, a bound by one", async () => {
  const text =
    "def f(xs, n):\n    for i in range(n):\n        if len(xs) > i:\n            return xs[1:]\n    return n + 1";
  const all = (await befores("bug-off-by-one", text, { seeds: 200 })).join("\n");
  for (const wrong of ["range(n - 1)", "range(1, n)", "len(xs) >= i", "xs[:]", "return n\n"]) {
    expect(`${all}\n`).toContain(wrong);
  }
});

describe("bug-variable", () => {
  test("uses another name that is bound there", async () => {
    const text = "def f(a, b):\n    c = g(a, 1)\n    d = h(b, c)\n    return d";
    const found = await reversals("bug-variable", text, { seeds: 200 });
    expect(found.length).toBeGreaterThan(3);
    for (const { before } of found) {
      const [wrong] = changed(before, text);
      if (wrong.startsWith("c =")) expect(wrong).toMatch(/^c = g\([ab], 1\)$/);
      expect(wrong).not.toMatch(/^d = h\(.*d/);
    }
  });
});

describe("bug-missing-return", () => {
  test("loses the statement or the word", async () => {
    const text = "def f(a):\n    b = g(a)\n    return b";
    expect(await befores("bug-missing-return", text)).toEqual(["def f(a):\n    b = g(a)\n"]);
    const call = "def f(a):\n    b = g(a)\n    return h(b)";
    expect(await befores("bug-missing-return", call)).toEqual([
      "def f(a):\n    b = g(a)\n    h(b)",
    ]);
  });

  test.each([
    ["returns elsewhere too", "if a:\n        return 1\n    return a"],
    ["yields", "yield a\n    return a"],
    ["returns nothing", "g(a)\n    return None"],
  ])("not where the function %s", async (_, body) => {
    expect(await befores("bug-missing-return", `def f(a):\n    ${body}`)).toEqual([]);
  });
});

test("bug-swapped-arguments swaps two neighbours of one call", async () => {
  const text = "def f(a, b):\n    return isinstance(a, int), g(x=a, y=b)";
  expect(await befores("bug-swapped-arguments", text)).toEqual([
    "def f(a, b):\n    return isinstance(int, a), g(x=a, y=b)",
  ]);
});

test.each(["max(a, b)", "print(a, b)", "math.gcd(a, b)", "a.union(b, c)"])(
  "%s has no order that could be wrong",
  async (call) => {
    const text = `def f(a, b, c):\n    return ${call}`;
    expect(await befores("bug-swapped-arguments", text)).toEqual([]);
  },
);

test("bug-missing-await loses one await, and says which where another could be meant", async () => {
  const text = "async def f(a):\n    b = await g(a)\n    return h(b)";
  const found = await reversals("bug-missing-await", text, { seeds: 100 });
  expect(found.map(({ before }) => before)).toEqual([
    "async def f(a):\n    b = g(a)\n    return h(b)",
  ]);
  for (const { instruction } of found) expect(instruction).toMatch(/\bg\b/);
});
