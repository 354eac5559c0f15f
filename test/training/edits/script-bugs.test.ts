// Bugs that are planted in TypeScript and JavaScript: what surely does something else than the original.

import { expect, test } from "bun:test";
import { befores, type Case, reversals } from "./reversals.ts";

const js: Case = { language: "javascript", path: "a.js" };
const ts: Case = { language: "typescript", path: "a.ts" };

const inFunction = (...lines: string[]) =>
  `async function f(a, b) {\n${lines.map((line) => `  ${line}\n`).join("")}}`;

/** The texts that lines can become, without the function around. */
async function bugs(kind: string, ...lines: string[]): Promise<string[]> {
  const found = await befores(kind, inFunction(...lines), js);
  return found.map((before) =>
    before
      .split("\n")
      .slice(1, -1)
      .map((line) => line.slice(2))
      .join("\n"),
  );
}

test.each([
  ["if (a < b) g();", ["if (a > b) g();"]],
  ["if (a === b) g();", ["if (a !== b) g();"]],
  ["if (!a) g();", ["if (a) g();"]],
  ["if (a && b) g();", ["if (a || b) g();"]],
  ["g(a * 2);", ["g(a + 2);", "g(a / 2);"]],
  ["a -= 1;", ["a += 1;"]],
])("bug-operator: %s", async (line, expected) => {
  expect(await bugs("bug-operator", line)).toEqual(expected);
});

test.each([
  ["joins texts", 'g(a + "x");'],
  ["gives another value for none", "g(a || b);"],
  ["renders or not", "g(a && b);"],
  ["is the same either way", "g(a * 1);"],
  ["would be grouped anew", "g(a + b * 2);"],
  ["adds what may be text", "a += b;"],
])("bug-operator: nothing that %s", async (_, line) => {
  expect(await bugs("bug-operator", line)).toEqual([]);
});

test("an expression that is quoted stands there once", async () => {
  const text = inFunction("if (a < b) g();", "if (b > a) g();", "if (a > b) h();");
  for (const { before, facts } of await reversals("bug-operator", text, js)) {
    expect(before.split(facts.wrong!)).toHaveLength(2);
    expect(before.replace(facts.wrong!, facts.right!)).toBe(text);
  }
});

test("bug-off-by-one: loops, places, bounds", async () => {
  expect(await bugs("bug-off-by-one", "for (let i = 0; i < a.length; i++) g(a[i]);")).toEqual([
    "for (let i = 0; i <= a.length; i++) g(a[i]);",
    "for (let i = 1; i < a.length; i++) g(a[i]);",
  ]);
  expect(await bugs("bug-off-by-one", "return a[a.length - 1];")).toEqual(["return a[a.length];"]);
  expect(await bugs("bug-off-by-one", "return a.slice(1, -1);")).toEqual([
    "return a.slice(0, -1);",
    "return a.slice(1, -2);",
  ]);
  expect(await bugs("bug-off-by-one", "if (a < 0.5) g();")).toEqual([]);
});

test("bug-variable: another one of its sort that has a value there", async () => {
  expect(await bugs("bug-variable", "g(a.size);", "return a.top + g(b.left);")).toContain(
    "g(b.size);\nreturn a.top + g(b.left);",
  );
  // The one is the other under another name, or is of another type.
  const alias = inFunction("const c = a;", "h(c);", "g(c, a);").replace(", b", "");
  expect(await befores("bug-variable", alias, js)).toEqual([]);
  const typed = "function f(a: string, b: number) {\n  g(a);\n  return h(b);\n}";
  expect(await befores("bug-variable", typed, ts)).toEqual([]);
});

test("bug-swapped-arguments: where their order counts", async () => {
  expect(await bugs("bug-swapped-arguments", "copy(a, b.to);")).toEqual(["copy(b.to, a);"]);
  for (const line of ["Math.max(a, b);", "console.log(a, b);", "copy(a, a);", "copy(a, g());"]) {
    expect(await bugs("bug-swapped-arguments", line)).toEqual([]);
  }
});

test("bug-missing-await: where nobody else waits", async () => {
  expect(await bugs("bug-missing-await", "await a.save(b);")).toEqual(["a.save(b);"]);
  expect(await bugs("bug-missing-await", "const c = await a.load(b);", "g(c);")).toEqual([
    "const c = a.load(b);\ng(c);",
  ]);
  expect(await bugs("bug-missing-await", "return await a.load(b);")).toEqual([]);
  expect(await bugs("bug-missing-await", "g((await a.load(b)).size);")).toEqual([]);
});

test("bug-missing-return: the word, or the line where it would stay without sense", async () => {
  expect(await bugs("bug-missing-return", "return g(a);")).toEqual(["g(a);"]);
  expect(await bugs("bug-missing-return", "const c = g(a);", "return c;")).toEqual([
    "const c = g(a);",
  ]);
  expect(await bugs("bug-missing-return", "return null;")).toEqual([]);
});
