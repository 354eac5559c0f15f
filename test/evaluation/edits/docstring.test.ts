// Docstrings: in any words, in their place, saying something, and with nothing else changed.

import { describe, expect, test } from "bun:test";
import { type Row, verdictOf } from "./judging.ts";

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
