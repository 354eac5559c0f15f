// Instructions that say in words what others say as code: what is asked for is the same.

import { describe, expect, test } from "bun:test";
import { type Case, reversals } from "./reversals.ts";

const js: Case = { language: "javascript", path: "a.js" };

/** All that is said of a text, in many seeds. */
async function said(kind: string, text: string, one: Case = {}): Promise<string[]> {
  const found = await reversals(kind, text, { ...one, seeds: 400, phrased: true });
  return found.map(({ instruction }) => instruction);
}

const guarded = (condition: string, exit: string) =>
  `def f(a, b):\n    if ${condition}:\n        ${exit}\n    c = g(a, b)\n    h(c)\n    return c`;

describe("a guard of Python", () => {
  test.each([
    ["not a.items", "return []", "a.items is empty", "return an empty list"],
    ["not a", "return False", "a is not set", "give False back"],
    ["not name", "return 0", "name is empty", "return 0"],
    ["not a.is_open", "return 0", "a.is_open is not set", "return 0"],
    ["a.b is None", "return None", "there is no a.b", "give None back"],
    ["len(a) == 0", "return", "a has no elements", "do nothing"],
    ["len(values) < 2", "return 0", "there are fewer than 2 values", "return 0"],
    ["len(a) < 2", "return 0", "a has fewer than 2 elements", "return 0"],
    [
      "not isinstance(a, str)",
      'raise TypeError("no")',
      "a is not a str",
      'raise TypeError that says "no"',
    ],
    ["a < 0", "return -1", "a is negative", "return -1"],
    ["a not in b", "return False", "b does not contain a", "give False back"],
    ["a == 'x'", "return b", "a equals 'x'", "return b"],
  ])("%s, %s", async (condition, exit, words, action) => {
    const all = await said("guard-clause", guarded(condition, exit));
    expect(all.some((text) => text.includes(words) && text.includes(action))).toBe(true);
    expect(all.some((text) => text.includes(condition) && text.includes(exit))).toBe(true);
  });

  test("with a condition of two parts stays code", async () => {
    const condition = "not a and b(c)";
    for (const text of await said("guard-clause", guarded(condition, "return 1"))) {
      if (!/nest|flatten|early|guard clause/i.test(text)) expect(text).toContain(condition);
    }
  });

  test("says where it stands, if that is not the start", async () => {
    const text =
      "def f(a):\n    b = g(a)\n    if not b:\n        return None\n    c(b)\n    return d(b)";
    const all = (await said("guard-clause", text)).filter((one) => one.includes("b is "));
    expect(all.length).toBeGreaterThan(3);
    for (const one of all) expect(one).toMatch(/(?:after|before|below|behind|once)/);
  });
});

test.each([
  ["!a", "return null;", "a is missing", "return null"],
  ["a.length === 0", "return [];", "a is empty", "return an empty array"],
  [
    "typeof a !== 'string'",
    "throw new Error('no');",
    "a is not a string",
    "throw a new Error that says 'no'",
  ],
  ["a === undefined", "return;", "a is undefined", "return at once"],
  ["!b.has(a)", "return false;", "a is not in b", "give false back"],
])("a guard of JavaScript: %s, %s", async (condition, exit, words, action) => {
  const text = `function f(a, b) {\n  if (${condition}) ${exit}\n  const c = g(a, b);\n  h(c);\n}`;
  const all = await said("guard-clause", text, js);
  expect(all.some((one) => one.includes(words) && one.includes(action))).toBe(true);
});

test("an error that is caught", async () => {
  const text = (head: string) =>
    `def f(p):\n    try:\n        return open(p).read()\n    except ${head}:\n        return None`;
  const all = await said("error-handling", text("FileNotFoundError"));
  expect(all.some((one) => /the file (?:does not exist|is missing)/.test(one))).toBe(true);
  expect(all.some((one) => one.includes("FileNotFoundError"))).toBe(true);
  // The name that it is given is said with it.
  for (const one of await said("error-handling", text("FileNotFoundError as e"))) {
    expect(one).toContain("FileNotFoundError as e");
  }
});
