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

describe("a constant", () => {
  const before = "def f(a):\n    b = a * 3600\n    return b + 3600";
  const facts = { name: "HOUR", value: "3600" };
  const after = "HOUR = 3600\n\n\ndef f(a):\n    b = a * HOUR\n    return b + HOUR";
  const row: Row = { kind: "constant", before, after, facts };
  const inside = "def f(a):\n    HOUR = 3600\n    b = a * HOUR\n    return b + HOUR";

  test.each([
    ["above the function", after, "success"],
    ["in the function", inside, "success"],
    [
      "where it comes too late",
      inside.replace("    HOUR = 3600\n    b = a * HOUR", "    b = a * HOUR\n    HOUR = 3600"),
      "wrong: HOUR is used where it is not defined",
    ],
    [
      "where it is not seen",
      `def g():\n    HOUR = 3600\n\n${after.slice(14)}`,
      "wrong: HOUR is used where it is not defined",
    ],
    ["of another value", after.replace("3600", "60"), "wrong: HOUR has another value"],
    [
      "of which there is no use",
      after.replace("+ HOUR", "+ 3600"),
      "wrong: 1 uses have the value still",
    ],
    ["of another name", after.replaceAll("HOUR", "DAY"), "wrong: there is no constant HOUR"],
    ["with more changed", after.replace("+ HOUR", "- HOUR"), "wrong: it changes something else"],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });

  test("of a script", async () => {
    const script: Row = {
      kind: "constant",
      language: "javascript",
      before: "function f(a) {\n  return a + 'utf-8';\n}",
      after: "const code = 'utf-8';\n\nfunction f(a) {\n  return a + code;\n}",
      facts: { name: "code", value: "'utf-8'" },
    };
    const answer = 'function f(a) {\n  const code = "utf-8";\n  return a + code;\n}';
    expect(await verdictOf(script, answer)).toBe("success");
    expect(await verdictOf(script, answer.replace("const", "let"))).toBe("success");
    expect(await verdictOf(script, answer.replace("utf-8", "utf-16"))).toStartWith("wrong");
  });
});

describe("error handling", () => {
  const before = "def f(a):\n    b = open(a)\n    return b.read()";
  const row: Row = {
    kind: "error-handling",
    instruction: "If a does not exist (FileNotFoundError), return None.",
    before,
    after:
      "def f(a):\n    try:\n        b = open(a)\n    except FileNotFoundError:\n        return None\n    return b.read()",
    facts: { exception: "FileNotFoundError", action: "return None" },
  };
  const whole =
    "def f(a):\n    try:\n        b = open(a)\n        return b.read()\n    except FileNotFoundError:\n        return None";

  test.each([
    ["the target", row.after, "success"],
    ["round more", whole, "success"],
    [
      "with an else",
      "def f(a):\n    try:\n        b = open(a)\n    except (FileNotFoundError):\n        return None\n    else:\n        return b.read()",
      "success",
    ],
    [
      "round something else",
      "def f(a):\n    b = open(a)\n    try:\n        return b.read()\n    except FileNotFoundError:\n        return None",
      "wrong: the try does not hold all that can fail",
    ],
    [
      "of another exception",
      row.after.replace("FileNotFound", "Value"),
      "wrong: it catches something else, or does something else then",
    ],
    [
      "that does something else",
      row.after.replace("return None", "raise"),
      "wrong: it catches something else, or does something else then",
    ],
    [
      "that changes what is tried",
      row.after.replace("open(a)", "open(a, 'w')"),
      "wrong: it is not the original with a try round a part of it",
    ],
    [
      "none",
      before.replace("b = open(a)", "b = open(a) or None"),
      "wrong: it is not the original with a try round a part of it",
    ],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });

  test("the caught error may have any name, and a script may log it with any words", async () => {
    const script: Row = {
      kind: "error-handling",
      language: "javascript",
      instruction: "If load throws, log it with console.error and return null.",
      before: "function f(a) {\n  return load(a);\n}",
      after:
        "function f(a) {\n  try {\n    return load(a);\n  } catch (error) {\n    console.error('no', error);\n    return null;\n  }\n}",
    };
    const other = script.after.replace("(error)", "(e)").replace("'no', error", "e");
    expect(await verdictOf(script, other)).toBe("success");
    expect(await verdictOf(script, other.replace("console.error", "console.log"))).toStartWith(
      "wrong",
    );
    expect(await verdictOf(script, other.replace("return null", "return a"))).toStartWith("wrong");
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

describe("an implementation", () => {
  const before = 'def add(a, b):\n    """The sum."""\n    raise NotImplementedError';
  const row: Row = {
    kind: "implement",
    before,
    after: 'def add(a, b):\n    """The sum."""\n    return a + b',
  };

  test.each([
    ["the author's", row.after, "success"],
    ["another", row.after.replace("a + b", "sum([a, b])"), "open"],
    ["nothing", row.after.replace("return a + b", "pass"), "wrong: there is nothing in it"],
    [
      "another signature",
      row.after.replace("(a, b)", "(a, b=0)"),
      "wrong: it changes something else",
    ],
    ["another docstring", row.after.replace("The sum", "Adds"), "wrong: it changes something else"],
    [
      "a function more",
      `${row.after}\n\ndef sub(a, b):\n    return a - b`,
      "wrong: it changes something else",
    ],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });

  test("of a script, with its comment", async () => {
    const head = "/** The sum. */\nexport function add(a, b) {\n  ";
    const script: Row = {
      kind: "implement",
      language: "javascript",
      before: `${head}throw new Error("Not implemented");\n}`,
      after: `${head}return a + b;\n}`,
    };
    expect(await verdictOf(script, `${head}return b + a;\n}`)).toBe("open");
    expect(await verdictOf(script, `${head}return;\n}`)).toBe("wrong: there is nothing in it");
    expect(await verdictOf(script, script.after.slice(16))).toBe(
      "wrong: it changes something else",
    );
  });
});
