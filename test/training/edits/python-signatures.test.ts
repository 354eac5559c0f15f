// What a Python signature and its docstring lose: defaults, hints, the docstring, and the body that they
// describe.

import { describe, expect, test } from "bun:test";
import { befores, reversals } from "./reversals.ts";

describe("docstring", () => {
  test("goes with its lines and the blank one behind", async () => {
    const text =
      'def area(width, height):\n    """Return the area of width by height."""\n\n    return width * height';
    expect(await befores("docstring", text)).toEqual([
      "def area(width, height):\n    return width * height",
    ]);
  });

  test.each([
    ["that the code does not show", '"""Serves the purpose of billing customers."""'],
    ["of many lines", '"""Return width.\n\n    width: a\n    height: b\n    c\n    """'],
    ["with an example", '"""Return width.\n    >>> area(1, 2)\n    """'],
    ["of two words", '"""Width area."""'],
    ["that says what the name says", '"""The f of it."""'],
  ])("stays if it is one %s", async (_, docstring) => {
    const text = `def area(width, height):\n    ${docstring}\n    return width * height`;
    expect(await befores("docstring", text)).toEqual([]);
  });

  test("stays where nothing else is in the body", async () => {
    expect(
      await befores("docstring", 'def area(width):\n    """Return the area of width."""'),
    ).toEqual([]);
  });
});

describe("default-parameter", () => {
  test("takes the first default, or one behind the star", async () => {
    const text = "def f(a, b=1, c=2, *, d: int = 3, e=4):\n    return a";
    expect(await befores("default-parameter", text)).toEqual([
      "def f(a, b, c=2, *, d: int = 3, e=4):\n    return a",
      "def f(a, b=1, c=2, *, d: int = 3, e):\n    return a",
      "def f(a, b=1, c=2, *, d: int, e=4):\n    return a",
    ]);
    for (const { facts, instruction } of await reversals("default-parameter", text)) {
      expect(instruction).toContain(facts.parameter!);
      expect(instruction).toContain(facts.value!);
    }
  });
});

describe("annotations", () => {
  test("all go where they can be told, and defaults stay", async () => {
    const text = "def f(self, name: str, *args: int, size: int = 3) -> bool:\n    return size > 3";
    const found = await befores("annotations", text);
    expect(found).toContain("def f(self, name, *args, size=3):\n    return size > 3");
    expect(found).toContain(
      "def f(self, name: str, *args: int, size: int = 3):\n    return size > 3",
    );
    expect(found).toContain(
      "def f(self, name, *args: int, size: int = 3) -> bool:\n    return size > 3",
    );
  });

  test("a type that the code does not show is said", async () => {
    const text = "def f(a: Widget) -> Frame[Panel]:\n    return a.frame";
    const found = await reversals("annotations", text);
    expect(found.length).toBeGreaterThan(0);
    for (const { before, instruction } of found) {
      if (!before.includes("Widget")) expect(instruction).toContain("Widget");
      if (!before.includes("Frame[Panel]")) expect(instruction).toContain("Frame[Panel]");
    }
  });

  test("a function with some hints only is not called hinted", async () => {
    const text = "def f(a: int, b):\n    return a + b";
    for (const { facts } of await reversals("annotations", text)) {
      expect(facts).toEqual({ parameter: "a", type: "int" });
    }
  });
});

describe("implement", () => {
  const head = 'def clamp(value, low, high):\n    """Return value kept between low and high."""\n';

  test("leaves the docstring and a stub", async () => {
    const text = `${head}    kept = max(value, low)\n    return min(kept, high)`;
    const found = await befores("implement", text);
    expect(found).toContain(`${head}    pass`);
    for (const before of found) expect(before.startsWith(head)).toBe(true);
  });

  test("not where the body needs what nobody spoke of", async () => {
    const text = `${head}    kept = registry.lookup(value, low)\n    return min(kept, high)`;
    expect(await befores("implement", text)).toEqual([]);
    const attribute = `${head}    kept = max(value, self.secret)\n    return min(kept, high)`;
    expect(await befores("implement", attribute)).toEqual([]);
  });
});

describe("add-parameter", () => {
  test("the last one goes, and what it is by default stands in its place", async () => {
    const text = "def f(a, b=2):\n    return g(a, b) + b";
    const found = await reversals("add-parameter", text, { phrased: true });
    expect(new Set(found.map(({ before }) => before))).toEqual(
      new Set(["def f(a):\n    return g(a, 2) + 2"]),
    );
    expect(found.every(({ instruction }) => /\bb\b.*2|2.*\bb\b/.test(instruction))).toBe(true);
    expect(found[0]!.facts).toEqual({ parameter: "b", value: "2" });
  });

  test("its type is said", async () => {
    const text = 'def f(a, b: str = "x"):\n    return g(a, b)';
    const found = await reversals("add-parameter", text, { phrased: true });
    expect(found.length).toBeGreaterThan(0);
    for (const { instruction } of found) expect(instruction).toContain('b: str = "x"');
  });

  test.each([
    ["that is set", "def f(a, b=2):\n    b = g(b)\n    return b"],
    ["whose value stands elsewhere too", "def f(a, b=2):\n    return g(a, b) + 2"],
    ["before others", "def f(a, b=2, c=3):\n    return g(a, b)"],
    ["that nobody would ask", "def f(a, b=True):\n    return a if b else None"],
    ["with no other", "def f(b=2):\n    return g(b)"],
    ["before the rest", "def f(a, b=2, *c):\n    return g(a, b)"],
    ["behind the rest", "def f(a, *args: int, b=2):\n    return g(a, b)"],
    ["of one that calls itself", "def f(a, b=2):\n    return g(a, b) or f(a, b)"],
    ["that is compared with a number", "def f(a, b=2):\n    return a if b > 1 else 0"],
    ["whose value is a quotation", "def f(a, b='`'):\n    return g(a, b)"],
  ])("not one %s", async (_, text) => {
    expect(await befores("add-parameter", text)).toEqual([]);
  });
});
