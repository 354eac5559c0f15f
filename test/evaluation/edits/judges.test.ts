// Each judge: right answers in other words and forms pass, those that are nearly right do not, and what is
// broken, unchanged or refused is told apart.

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
    const about: Row = { kind: "commit", before, after };
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

describe("a docstring", () => {
  const row: Row = {
    kind: "docstring",
    name: "Table.read_rows",
    instruction: "Add a docstring to read_rows.",
    before: "def read_rows(self):\n    # all\n    return [r for r in self]",
    after:
      'def read_rows(self):\n    """Every row in its order."""\n    # all\n    return [r for r in self]',
  };
  const saying = (text: string) => row.after.replace("Every row in its order.", text);

  test.each([
    ["in other words", saying("Return a list of what is in it."), "success"],
    ["with parts", saying("All of them.\n\n    Returns:\n        A list.\n    "), "success"],
    ["in a raw string", row.after.replace('"""E', "r'''E").replace('r."""', "r.'''"), "success"],
    [
      "the name again",
      saying("Reads the rows."),
      "wrong: it says no more than the name and the instruction",
    ],
    [
      "the instruction again",
      saying("Add docstring to read_rows."),
      "wrong: it says no more than the name and the instruction",
    ],
    ["nothing", saying(" "), "wrong: it is empty"],
    [
      "a comment",
      row.before.replace("# all", "# Every row in its order."),
      "wrong: there is none in its place",
    ],
    ["behind the code", `${row.before}\n    """Every row."""`, "wrong: there is none in its place"],
    [
      "hints besides",
      row.after.replace("(self)", "(self) -> list"),
      "wrong: it changes something else",
    ],
    [
      "a line less",
      'def read_rows(self):\n    """Every row in its order."""\n    return []',
      "wrong: it changes something else",
    ],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });

  test("in the place of a body's only statement", async () => {
    const before = "class Gone(Exception):\n    pass";
    const only: Row = {
      kind: "docstring",
      name: "Gone",
      before,
      after: `${before.slice(0, -4)}"""The peer left."""`,
    };
    expect(await verdictOf(only, only.after)).toBe("success");
    expect(await verdictOf(only, `${before.slice(0, -4)}"""Nobody listens."""\n    pass`)).toBe(
      "success",
    );
  });

  const script: Row = {
    kind: "docstring",
    language: "typescript",
    name: "readRows",
    before: "export function readRows(): Row[] {\n  // all\n  return [...rows];\n}",
    after:
      "/** Every row in its order. */\nexport function readRows(): Row[] {\n  // all\n  return [...rows];\n}",
  };

  test.each([
    [
      "in other words and lines",
      script.after.replace("Every row in its order.", "\n * Copies what is there.\n"),
      "success",
    ],
    [
      "no doc comment",
      script.after.replace("/** Every row in its order. */", "// Every row."),
      "wrong: there is none in its place",
    ],
    [
      "within",
      script.before.replace("// all", "// all\n  /** Every row. */"),
      "wrong: there is none in its place",
    ],
    [
      "the name again",
      script.after.replace("Every row in its order.", "Reads rows."),
      "wrong: it says no more than the name and the instruction",
    ],
    ["a comment less", script.after.replace("  // all\n", ""), "wrong: it changes something else"],
    ["two", `/** A. */\n${script.after}`, "wrong: it changes something else"],
    [
      "another result",
      script.after.replace("[...rows]", "rows"),
      "wrong: it changes something else",
    ],
  ])("of a script: %s", async (_, answer, verdict) => {
    expect(await verdictOf(script, answer)).toBe(verdict);
  });

  test("of a method, which stands in a class", async () => {
    const before = "async read(path) {\n\n  return load(path);\n}";
    const method: Row = {
      kind: "docstring",
      language: "javascript",
      name: "Store.read",
      before,
      after: `/** The text of a file. */\n${before}`,
    };
    expect(await verdictOf(method, `/**\n * What is stored there.\n */\n${before}`)).toBe(
      "success",
    );
  });
});

describe("type hints", () => {
  const row: Row = {
    kind: "annotations",
    before: "def f(self, a, b=1, *c):\n    x: int = a\n    return x",
    after: "def f(self, a: str, b: int = 1, *c: float) -> int:\n    x: int = a\n    return x",
  };
  const target = row.after;

  test("those of the target are exact", async () => {
    expect(await judgedAnswer(row, target)).toMatchObject({ verdict: "success", exact: 1 });
  });

  test("others are hints too, and it is told how many", async () => {
    const other = target.replace("a: str", "a: 'bytes'").replace("-> int", "-> float");
    expect(await judgedAnswer(row, other)).toMatchObject({ verdict: "success", exact: 0.5 });
  });

  test("what types need is imported", async () => {
    const answer = `from typing import Any\n\n${target.replace("a: str", "a: Any")}`;
    expect(await verdictOf(row, answer)).toBe("success");
  });

  test.each([
    ["one is missing", target.replace("b: int = 1", "b=1"), "wrong: there is no type for b"],
    [
      "the result is missing",
      target.replace(" -> int", ""),
      "wrong: there is no type for the result",
    ],
    [
      "a default is gone",
      target.replace("b: int = 1", "b: int"),
      "wrong: it changes something else",
    ],
    [
      "a docstring besides",
      target.replace("    x:", '    """Doc."""\n    x:'),
      "wrong: it changes something else",
    ],
    [
      "another hint changed",
      target.replace("x: int", "x: str"),
      "wrong: it changes something else",
    ],
    ["an import that no type needs", `import os\n${target}`, "wrong: it changes something else"],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });

  test("types that the instruction names are those", async () => {
    const told = { ...row, instruction: "a is str, b int and c float; it returns int" };
    expect(await verdictOf(told, target)).toBe("success");
    const other = target.replace("a: str", "a: bytes");
    expect(await verdictOf(told, other)).toBe("wrong: a type is not the one that was named");
  });

  const script: Row = {
    kind: "annotations",
    language: "typescript",
    before:
      "export const f = async (a, b = 1, ...c) => {\n  const x: number = g(a);\n  return x;\n};",
    after:
      "export const f = async (a: string, b: number = 1, ...c: string[]): Promise<number> => {\n  const x: number = g(a);\n  return x;\n};",
  };

  test.each([
    ["the target", script.after, "success"],
    [
      "optional where it was not",
      script.after.replace("a: string", "a?: string"),
      "wrong: it changes something else",
    ],
    [
      "one is missing",
      script.after.replace("b: number = 1", "b = 1"),
      "wrong: there is no type for b",
    ],
    [
      "no promise",
      script.after.replace(": Promise<number>", ""),
      "wrong: there is no type for the result",
    ],
    ["not async any more", script.after.replace("async ", ""), "wrong: it changes something else"],
  ])("of a script: %s", async (_, answer, verdict) => {
    expect(await verdictOf(script, answer)).toBe(verdict);
  });

  test("an arrow's bare parameter gets its parentheses", async () => {
    const bare: Row = {
      ...script,
      before: "const f = x => x.y",
      after: "const f = (x: A): B => x.y",
    };
    expect(await verdictOf(bare, "const f = (x: C): D => x.y;")).toBe("success");
  });
});
