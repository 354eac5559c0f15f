// Constants, error handling and implementations: other places and forms that do what was asked pass, less does not.

import { describe, expect, test } from "bun:test";
import { type Row, verdictOf } from "./judging.ts";

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

  test("of a method stands in it: above it is the class, whose names it does not see", async () => {
    const row: Row = {
      kind: "constant",
      name: "A.f",
      before: "def f(self):\n    return self.g(limit=5000)",
      after: "def f(self):\n    limit = 5000\n    return self.g(limit=limit)",
      facts: { name: "limit", value: "5000" },
    };
    const later = row.after.replace("    limit = 5000\n", "    pass\n    limit = 5000\n");
    const withPass = row.before.replace("return", "pass\n    return");
    expect(await verdictOf({ ...row, before: withPass, after: later }, later)).toBe("success");
    const above = "limit = 5000\n\n\ndef f(self):\n    return self.g(limit=limit)";
    expect(await verdictOf(row, above)).toBe("wrong: limit is used where it is not defined");
    expect(await verdictOf({ ...row, name: "f" }, above)).toBe("success");
  });

  test("of a class is not seen in its methods", async () => {
    const row: Row = {
      kind: "constant",
      before: "class A:\n    def f(self):\n        return g(5000)",
      after: "LIMIT = 5000\n\n\nclass A:\n    def f(self):\n        return g(LIMIT)",
      facts: { name: "LIMIT", value: "5000" },
    };
    const inClass = "class A:\n    LIMIT = 5000\n\n    def f(self):\n        return g(LIMIT)";
    const inMethod = "class A:\n    def f(self):\n        LIMIT = 5000\n        return g(LIMIT)";
    expect(await verdictOf(row, inMethod)).toBe("success");
    expect(await verdictOf(row, inClass)).toBe("wrong: LIMIT is used where it is not defined");
  });

  test("stands behind the docstring, and behind a directive", async () => {
    const documented = (text: string) => text.replace("(a):", '(a):\n    """Doc."""');
    const own = { ...row, before: documented(before), after: documented(after) };
    expect(await verdictOf(own, documented(inside))).toBe("success");
    const first = inside.replace("3600\n", '3600\n    """Doc."""\n');
    expect(await verdictOf(own, first)).toBe("wrong: it stands before the docstring");
    const script: Row = {
      kind: "constant",
      language: "javascript",
      before: "function f() {\n  'use strict';\n  return g(5000);\n}",
      after: "const limit = 5000;\n\nfunction f() {\n  'use strict';\n  return g(limit);\n}",
      facts: { name: "limit", value: "5000" },
    };
    const before_ = "function f() {\n  const limit = 5000;\n  'use strict';\n  return g(limit);\n}";
    expect(await verdictOf(script, before_)).toBe("wrong: it stands before the docstring");
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

  describe.each(["x = 0", "pass", "log(s)"])("of which the handler goes on: %s", (action) => {
    const narrow = `def f(s):\n    try:\n        x = int(s)\n    except ValueError:\n        ${action}\n    return x * 2`;
    const own: Row = {
      kind: "error-handling",
      instruction: `Catch ValueError around int and ${action}`,
      before: "def f(s):\n    x = int(s)\n    return x * 2",
      after: narrow,
    };
    const more = `def f(s):\n    try:\n        x = int(s)\n        return x * 2\n    except ValueError:\n        ${action}`;
    const behind = `def f(s):\n    try:\n        x = int(s)\n    except ValueError:\n        ${action}\n    else:\n        return x * 2`;

    test.each([
      ["the target", narrow, "success"],
      ["round more", more, "wrong: after an error it skips more than was asked for"],
      ["with an else", behind, "wrong: after an error it skips more than was asked for"],
    ])("%s", async (_, answer, verdict) => {
      expect(await verdictOf(own, answer)).toBe(verdict);
    });
  });

  test("what always runs is not what runs where nothing fails", async () => {
    const always = `${row.after.replace("    return b.read()", "    finally:\n        return b.read()")}`;
    expect(await verdictOf(row, always)).toStartWith("wrong");
  });

  test("a docstring stays where it is", async () => {
    const documented = (text: string) => text.replace("(a):", '(a):\n    """Doc."""');
    const own = { ...row, before: documented(before), after: documented(row.after) };
    expect(await verdictOf(own, documented(whole))).toBe("success");
    const within = whole.replace("try:", 'try:\n        """Doc."""');
    expect(await verdictOf(own, within)).toBe("wrong: the try holds the docstring");
  });

  test("an error that nothing is done with may be bound or not", async () => {
    const head = "function f(a) {\n  try {\n    return load(a);\n  } catch ";
    const [bound, bare, typed] = ["(error) ", "", "(e: unknown) "].map(
      (error) => `${head}${error}{\n    return null;\n  }\n}`,
    ) as [string, string, string];
    const [logged, plain] = [
      "(error) {\n    console.error(error);",
      "{\n    console.error('no');",
    ].map((error) => `${head}${error}\n    return null;\n  }\n}`) as [string, string];
    const script = (after: string): Row => ({
      kind: "error-handling",
      language: "typescript",
      instruction: "If load throws, do it.",
      before: "function f(a) {\n  return load(a);\n}",
      after,
    });
    expect(await verdictOf(script(bound), bare)).toBe("success");
    expect(await verdictOf(script(bare), bound)).toBe("success");
    expect(await verdictOf(script(bare), typed)).toBe("success");
    expect(await verdictOf(script(logged), plain)).toBe("success");
    expect(await verdictOf(script(bare), plain)).toStartWith("wrong");
    const again = `${head}(error) {\n    throw error;\n  }\n}`;
    expect(await verdictOf(script(again), again.replace("(error) ", ""))).toStartWith("wrong");
    expect(await verdictOf(script(again), again.replaceAll("error", "e"))).toBe("success");
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

describe("a unit test", () => {
  const before = "def add(a, b):\n    return a + b";
  const test_ = "def test_add():\n    assert add(1, 2) == 3";
  const row: Row = {
    kind: "unit-test",
    name: "add",
    before,
    after: `${before}\n\n\n${test_}`,
    facts: { tested: "add" },
  };

  test.each([
    ["the author's", row.after, "success"],
    ["another", row.after.replace("1, 2) == 3", "0, 0) == 0"), "open"],
    [
      "in a class, with an import",
      `import unittest\n\n${before}\n\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(add(1, 1), 2)`,
      "open",
    ],
    [
      "of something else",
      row.after.replace("add(1, 2)", "sum([1, 2])"),
      "wrong: nothing new calls add",
    ],
    [
      "that asserts nothing",
      row.after.replace("assert add(1, 2) == 3", "add(1, 2)"),
      "wrong: it asserts nothing",
    ],
    ["in the function's place", test_, "wrong: it changes something else"],
    [
      "with the function changed",
      row.after.replace("a + b", "b + a"),
      "wrong: it changes something else",
    ],
  ])("%s", async (_, answer, verdict) => {
    expect(await verdictOf(row, answer)).toBe(verdict);
  });
});

test("a commit that is not the author's is open", async () => {
  const row: Row = { kind: "commit", before: "x = 1", after: "x = 2" };
  expect(await verdictOf(row, "x = 2  # now")).toBe("success");
  expect(await verdictOf(row, "x = 3")).toBe("open");
});
