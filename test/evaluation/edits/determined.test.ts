// Edits with one right result, names and formatting aside: nearly right is wrong, and what is broken, unchanged or
// refused is told apart.

import { describe, expect, test } from "bun:test";
import { judgedAnswer, type Row, verdictOf } from "./judging.ts";

describe("a determined edit", () => {
  const row: Row = {
    kind: "default-parameter",
    before: "def f(a, b):\n    # sum\n    return a + b",
    after: "def f(a, b='x'):\n    # sum\n    return a + b",
  };

  test.each([
    ["the target", row.after, "success"],
    [
      "other quotes and lines",
      'def f(\n    a,\n    b="x",\n):\n    # sum\n    return (a + b)',
      "success",
    ],
    [
      "another value",
      "def f(a, b='y'):\n    # sum\n    return a + b",
      "wrong: it is not what was asked for",
    ],
    [
      "another parameter",
      "def f(a='x', b='x'):\n    # sum\n    return a + b",
      "wrong: it is not what was asked for",
    ],
    ["the original", row.before, "unchanged"],
    [
      "the original in other lines",
      row.before.replace("(a, b)", "(a,  b)"),
      "unchanged: only its formatting differs",
    ],
    ["a refusal", undefined, "rejected"],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });

  test("a comment that is gone is told, and is no failure", async () => {
    const { verdict, keepsComments } = await judgedAnswer(
      row,
      row.after.replace("    # sum\n", ""),
    );
    expect([verdict, keepsComments]).toEqual(["success", false]);
    expect((await judgedAnswer(row, row.after)).keepsComments).toBe(true);
  });

  test("comments count where they are what was asked for", async () => {
    const before = "def f(a):\n    return a";
    const after = "def f(a):\n    # as it is\n    return a";
    const about: Row = { kind: "remove-dead-code", before, after };
    expect(await verdictOf(about, after)).toBe("success");
    expect(await verdictOf(about, `# nothing\n${before}`)).toStartWith("wrong");
  });
});

describe("a rename", () => {
  const before = 'def f(n):\n    """Of n."""\n    m = n + 1\n    return g(n=m, k="n")';
  const row: Row = {
    kind: "rename-variable",
    before,
    after: 'def f(n):\n    """Of n."""\n    total = n + 1\n    return g(n=total, k="n")',
    facts: { from: "m", to: "total", what: "variable" },
  };

  test.each([
    ["every use", row.after, "success"],
    ["not all", row.after.replace("n=total", "n=m"), "wrong: 1 of 2 uses have their old name"],
    ["another name", row.after.replaceAll("total", "sum"), "wrong: it changes something else"],
    ["a keyword besides", row.after.replace("n=", "total="), "wrong: it changes something else"],
    ["something else", row.after.replace("+ 1", "+ 2"), "wrong: it changes something else"],
    ["nothing", before, "unchanged"],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });

  const parameter: Row = {
    kind: "rename-parameter",
    before,
    after: 'def f(count):\n    """Of n."""\n    m = count + 1\n    return g(n=m, k="n")',
    facts: { from: "n", to: "count", what: "parameter" },
  };

  test.each([
    ["the docstring as it was", parameter.after, "success"],
    ["the docstring too", parameter.after.replace("Of n", "Of count"), "success"],
    [
      "another docstring",
      parameter.after.replace("Of n", "Of all"),
      "wrong: it changes something else",
    ],
    [
      "a keyword of another function",
      parameter.after.replace("n=m", "count=m"),
      "wrong: 1 uses of another n were renamed too",
    ],
    ["a string", parameter.after.replace('"n"', '"count"'), "wrong: it changes something else"],
  ])("of a parameter: %s", async (_, answer, verdict) => {
    expect(await verdictOf(parameter, answer)).toBe(verdict);
  });
});

describe("a comprehension", () => {
  const row: Row = {
    kind: "comprehension",
    instruction: "Use a list comprehension.",
    before: "def f(a):\n    out = []\n    for x in a:\n        out.append(x + 1)\n    return out",
    after: "def f(a):\n    return [item + 1 for item in a]",
  };

  test.each([
    ["with another name", "def f(a):\n    return [i + 1 for i in a]", "success"],
    [
      "with the loop's name",
      "def f(a):\n    return [x + 1 for x in a]",
      "wrong: it is not what was asked for",
    ],
    [
      "with two names for one",
      "def f(a):\n    return [i + 1 for j in a]",
      "wrong: it is not what was asked for",
    ],
    [
      "of something else",
      "def f(a):\n    return [i + 2 for i in a]",
      "wrong: it is not what was asked for",
    ],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });
});

describe("a loop", () => {
  const row: Row = {
    kind: "loop",
    instruction: "Write it as a loop.",
    before: "def f(a):\n    return {b.key for b in a}",
    after:
      "def f(a):\n    found = set()\n    for b in a:\n        found.add(b.key)\n    return found",
  };

  test.each([
    ["with another name", row.after.replaceAll("found", "keys"), "success"],
    ["with the name of an attribute", row.after.replaceAll("found", "add"), "success"],
    [
      "with another built-in",
      row.after.replace("set()", "frozenset()"),
      "wrong: it is not what was asked for",
    ],
    [
      "with another function",
      row.after.replace("set()", "made()"),
      "wrong: it is not what was asked for",
    ],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });

  test("of a script", async () => {
    const script: Row = {
      kind: "loop",
      language: "javascript",
      instruction: "Write it as a loop.",
      before: "const f = (a) => a.map((b) => b.key);",
      after:
        "const f = (a) => {\n  const out = Array();\n  for (const b of a) out.push(b.key);\n  return out;\n};",
    };
    expect(await verdictOf(script, script.after.replaceAll("out", "keys"))).toBe("success");
    expect(await verdictOf(script, script.after.replace("Array()", "Set()"))).toStartWith("wrong");
  });
});

test("where nothing is to do, leaving the text alone is the success", async () => {
  const text = "def f(total):\n    # All.\n    return total";
  const row = { kind: "nothing-to-do", before: text, after: text };
  expect(await verdictOf(row, text)).toBe("success");
  expect(await verdictOf(row, text.replace("return total", "return (total)"))).toMatch(/^success/);
  expect(await verdictOf(row, undefined)).toBe("rejected");
  expect(await verdictOf(row, text.replace("return total", "return total + 1"))).toMatch(/^wrong/);
  expect(await verdictOf(row, text.replace("# All.", "# None."))).toMatch(/^wrong/);
});
