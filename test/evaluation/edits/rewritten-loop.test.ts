// A loop and what says the same without one: which ways of writing it are right, and what is not.

import { expect, test } from "bun:test";
import { type Row, verdictOf } from "./judging.ts";

const python: Row = {
  kind: "comprehension",
  before:
    "def f(xs):\n    result = []\n    for x in xs:\n        result.append(x + 1)\n    return result",
  after: "def f(xs):\n    return [x + 1 for x in xs]",
};
const filter: Row = {
  kind: "comprehension",
  language: "javascript",
  before:
    "function f(xs) {\n  const kept = [];\n  for (const x of xs) {\n    if (x > 1) kept.push(x);\n  }\n  return kept;\n}",
  after: "function f(xs) {\n  return xs.filter(function (x) { return x > 1; });\n}",
};
const each: Row = {
  kind: "comprehension",
  language: "typescript",
  before: "function f(xs: X[]) {\n  for (const x of xs) {\n    g(x);\n  }\n}",
  after: "function f(xs: X[]) {\n  xs.forEach((x) => {\n    g(x);\n  });\n}",
};
const wrong = "wrong: it is not what was asked for";

test.each([
  ["the result has its name still", "result = [x + 1 for x in xs]\n    return result", "success"],
  ["another name than the original's", "result = [y + 1 for y in xs]\n    return result", wrong],
  ["another result", "result = [x + 1 for x in xs]\n    return xs", wrong],
  ["another sum", "result = [x + 2 for x in xs]\n    return result", wrong],
  ["what is not alone", "result = [x + 1 for x in xs]\n    g()\n    return result", wrong],
  ["a type that nobody asked for", "result: list = [x + 1 for x in xs]\n    return result", wrong],
  ["a generator", "return (x + 1 for x in xs)", wrong],
])("Python: %s", async (_, body, verdict) => {
  expect(await verdictOf(python, `def f(xs):\n    ${body}`)).toBe(verdict);
});

test("Python: a name that the target keeps may go", async () => {
  const after = "def f(xs):\n    result = [x + 1 for x in xs]\n    return result";
  expect(await verdictOf({ ...python, after }, python.after)).toBe("success");
});

test.each([
  ["an arrow", "return xs.filter((x) => x > 1);", "success"],
  ["an arrow with a block", "return xs.filter((x) => { return x > 1; });", "success"],
  ["a bare parameter", "return xs.filter(x => x > 1);", "success"],
  ["a name first", "const kept = xs.filter((x) => x > 1);\n  return kept;", "success"],
  ["another condition", "return xs.filter((x) => x > 2);", wrong],
  ["another method", "return xs.find((x) => x > 1);", wrong],
  ["no result", "return xs.filter((x) => { x > 1; });", wrong],
  ["an async function", "return xs.filter(async (x) => x > 1);", wrong],
  ["a generator", "return xs.filter(function* (x) { return x > 1; });", wrong],
])("JavaScript: %s", async (_, body, verdict) => {
  expect(await verdictOf(filter, `function f(xs) {\n  ${body}\n}`)).toBe(verdict);
});

test("what an arrow would take from outside is not the same in a function", async () => {
  const after = "function f(xs) {\n  return xs.filter(function (x) { return x > this.n; });\n}";
  const arrow = "function f(xs) {\n  return xs.filter((x) => x > this.n);\n}";
  expect(await verdictOf({ ...filter, after }, arrow)).toBe(wrong);
});

test.each([
  ["a global", "    global kept\n    kept = [x for x in xs]\n    return kept"],
  [
    "what is used behind it",
    "    try:\n        kept = [x for x in xs]\n        return kept\n    finally:\n        log(kept)",
  ],
  ["a name that was there", "    kept = log(xs)\n    kept = [x for x in xs]\n    return kept"],
])("Python: a name that is more than the result's stays: %s", async (_, body) => {
  const short = body
    .replace("kept = [x for x in xs]", "")
    .replace("return kept", "return [x for x in xs]");
  const before = "def f(xs):\n    for x in xs:\n        yield x";
  const row: Row = { kind: "comprehension", before, after: `def f(xs):\n${body}` };
  expect(await verdictOf(row, `def f(xs):\n${short}`)).toBe(wrong);
});

test("JavaScript: what only a method or an arrow may say, and types, are not left aside", async () => {
  const asked = (body: string): Row => ({
    ...{ kind: "comprehension", language: "typescript" },
    before: "function f(xs: X[]) {\n  for (const x of xs) {\n    g(x);\n  }\n}",
    after: `function f(xs: X[]) {\n  ${body}\n}`,
  });
  const answer = (body: string) => `function f(xs: X[]) {\n  ${body}\n}`;
  const typed = asked("return xs.filter((x): x is Y => g(x));");
  expect(await verdictOf(typed, answer("return xs.filter((x) => g(x));"))).toBe(wrong);
  const target = asked("return h(xs, (x) => new.target.g(x));");
  expect(
    await verdictOf(target, answer("return h(xs, function (x) { return new.target.g(x); });")),
  ).toBe(wrong);
  const each = asked("_.forEach(xs, (x) => g(x));");
  expect(await verdictOf(each, answer("_.forEach(xs, (x) => { g(x); });"))).toBe(wrong);
  const named = asked("return xs.map((x) => g(x));");
  const inside = answer("return xs.map((x) => { const y = g(x); return y; });");
  expect(await verdictOf(named, inside)).toBe("success");
});

test.each([
  ["an expression", "xs.forEach((x) => g(x));", "success"],
  ["a function", "xs.forEach(function (x) { g(x); });", "success"],
  ["less than each", "xs.forEach(() => {});", wrong],
  ["map, which makes something", "xs.map((x) => g(x));", wrong],
])("TypeScript: %s", async (_, body, verdict) => {
  expect(await verdictOf(each, `function f(xs: X[]) {\n  ${body}\n}`)).toBe(verdict);
});
