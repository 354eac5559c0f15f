// Renames in Python: every use of the name and nothing else that is spelt like it, and hands off where
// the text does not tell.

import { describe, expect, test } from "bun:test";
import { reversals } from "./reversals.ts";

/** The name is taken for another one wherever `before` has "NEW". */
async function renamed(kind: string, text: string, expected: string, more = {}) {
  const found = await reversals(kind, text, more);
  expect(found.length).toBeGreaterThan(0);
  for (const { before, after, facts } of found) {
    const other = after === text ? facts.from! : facts.to!;
    const changed = after === text ? before : after;
    expect(changed.replaceAll(new RegExp(`\\b${other}\\b`, "g"), "NEW")).toBe(expected);
    expect(new RegExp(`\\b${other}\\b`).test(text)).toBe(false);
  }
  return found;
}

describe("rename-variable", () => {
  test("leaves attributes, keyword arguments and texts alone", async () => {
    await renamed(
      "rename-variable",
      'def f(self):\n    total = self.total()\n    self.total = call("total", total=total)\n    return f"{total} total"',
      'def f(self):\n    NEW = self.total()\n    self.total = call("total", total=NEW)\n    return f"{NEW} total"',
    );
  });

  test("follows a variable into closures, comprehensions and every way of binding", async () => {
    await renamed(
      "rename-variable",
      "def f(xs):\n    for item in xs:\n        item += 1\n    def g():\n        return [y + item for y in xs]\n    del item\n    return g",
      "def f(xs):\n    for NEW in xs:\n        NEW += 1\n    def g():\n        return [y + NEW for y in xs]\n    del NEW\n    return g",
    );
  });

  test.each([
    ["a parameter of a lambda", "x = 1\n    return x, lambda x: x"],
    ["a comprehension's own", "x = 1\n    return x, [x for x in y]"],
    ["a nested function's", "x = 1\n    def g(x):\n        return x\n    return x, g"],
    ["global", "global x\n    x = 1\n    return x"],
    ["imported", "import x\n    x = x.y\n    return x"],
    ["matched", "x = 1\n    match y:\n        case x:\n            return x"],
    ["named by a comment", "x = 1  # x is one\n    return x"],
    ["read by locals()", "x = 1\n    return locals(), x"],
  ])("leaves a name alone that is also %s", async (_, body) => {
    expect(await reversals("rename-variable", `def f(y):\n    ${body}`)).toEqual([]);
  });

  test("goes back to the people's name and forth from it", async () => {
    const text = "def f(y):\n    count = y\n    return count";
    const found = await reversals("rename-variable", text);
    expect(found.some(({ after }) => after === text)).toBe(true);
    expect(found.some(({ before }) => before === text)).toBe(true);
    for (const { facts, instruction } of found) {
      expect(facts.what).toBe("variable");
      expect(instruction).toContain(facts.from!);
      expect(instruction).toContain(facts.to!);
    }
  });
});

describe("rename-parameter", () => {
  test("takes the signature and the uses, and not the callee's keyword", async () => {
    await renamed(
      "rename-parameter",
      "def f(self, path: str = None, *, _=0):\n    return self.open(path=path).path",
      "def f(self, NEW: str = None, *, _=0):\n    return self.open(path=NEW).path",
    );
  });

  test("leaves one alone that a default or a hint names", async () => {
    expect(await reversals("rename-parameter", "def f(kind=kind):\n    return kind")).toEqual([]);
    const hinted = "def f(x: size, size):\n    return size";
    const found = await reversals("rename-parameter", hinted);
    for (const { facts } of found) expect([facts.from, facts.to]).not.toContain("size");
  });
});

describe("rename-function", () => {
  test("takes calls of itself", async () => {
    await renamed(
      "rename-function",
      "def walk(n):\n    return walk(n - 1) if n else []",
      "def NEW(n):\n    return NEW(n - 1) if n else []",
      { name: "walk" },
    );
  });

  test("takes a method's own calls through self, and none of other objects", async () => {
    const text = "def walk(self, n):\n    return self.walk(n.next)";
    await renamed("rename-function", text, "def NEW(self, n):\n    return self.NEW(n.next)", {
      name: "Tree.walk",
      what: "method",
    });
    const other = "def walk(self, n):\n    return n.walk(self)";
    expect(
      await reversals("rename-function", other, { name: "Tree.walk", what: "method" }),
    ).toEqual([]);
  });

  test("takes a method of a class where the class calls it", async () => {
    const text =
      "class A:\n    def go(self):\n        return self.end\n\n    def __init__(self):\n        self.go()";
    await renamed("rename-function", text, text.replaceAll(/\bgo\b/g, "NEW"), {
      name: "A",
      what: "class",
    });
  });

  test("leaves alone what a text speaks of, and what Python calls itself", async () => {
    const spoken = 'def walk(n):\n    """Call walk."""\n    return walk(n)';
    expect(await reversals("rename-function", spoken, { name: "walk" })).toEqual([]);
    const special = "def __len__(self):\n    return 1";
    expect(await reversals("rename-function", special, { what: "method" })).toEqual([]);
  });
});

test("rename-class takes the class and its uses", async () => {
  await renamed(
    "rename-class",
    "class Node:\n    def copy(self):\n        return Node(self)",
    "class NEW:\n    def copy(self):\n        return NEW(self)",
    { name: "Node", what: "class" },
  );
});
