// Type hints: at every place that was asked for, of any type where none was named, and with nothing else changed.

import { describe, expect, test } from "bun:test";
import { judgedAnswer, type Row, verdictOf } from "./judging.ts";

describe("type hints", () => {
  const row: Row = {
    kind: "annotations",
    before: "def f(self, a, b=1, *c):\n    x: int = a\n    return x",
    after: "def f(self, a: str, b: int = 1, *c: float) -> int:\n    x: int = a\n    return x",
  };
  const target = row.after;

  test("those of the target are right, others may be and are told apart", async () => {
    const right = { verdict: "success", hasOtherTypes: false };
    expect(await judgedAnswer(row, target)).toMatchObject(right);
    const other = target.replace("a: str", "a: 'bytes'").replace("-> int", "-> float");
    expect(await judgedAnswer(row, other)).toMatchObject({
      verdict: "wrong",
      reason: "there is another type for a, the result",
      hasOtherTypes: true,
    });
  });

  test.each([
    ["python", "Optional[str]", "str | None"],
    ["python", "t.Optional['A']", "None | A"],
    ["python", "List[Union[int, str]]", "list[str | int]"],
    ["python", "typing.Dict[str, Optional[List[int]]]", "dict[str, list[int] | None]"],
    ["typescript", "Array<string | null>", "(null | string)[]"],
    ["typescript", "ReadonlyArray<A>", "readonly A[]"],
    ["typescript", "Promise<Array<A[]>>", "Promise<A[][]>"],
  ] as const)("%s: %s is %s", async (language, one, other) => {
    const text = (type: string) =>
      language === "python" ? `def f(a: ${type}): pass` : `function f(a: ${type}) {}`;
    const bare = language === "python" ? "def f(a): pass" : "function f(a) {}";
    const own = (after: string): Row => ({ kind: "annotations", language, before: bare, after });
    expect(await verdictOf(own(text(one)), text(other))).toBe("success");
    expect(await verdictOf(own(text(other)), text(one))).toBe("success");
    expect(await verdictOf(own(text(other)), text("number"))).toStartWith("wrong");
  });

  test("nothing else gets one", async () => {
    const own: Row = {
      kind: "annotations",
      instruction: "Annotate x as int.",
      before: "def f(x, y):\n    return x",
      after: "def f(x: int, y):\n    return x",
    };
    expect(await verdictOf(own, own.after)).toBe("success");
    const more = own.after.replace("y)", "y: int)");
    expect(await verdictOf(own, more)).toBe("wrong: nobody asked for a type of y");
  });

  test.each(["from __future__ import annotations", "from typing import Any, List"])(
    "an import is kept: %s",
    async (line) => {
      const own = { ...row, before: `${line}\n\n${row.before}`, after: `${line}\n\n${target}` };
      expect(await verdictOf(own, own.after.replace("Any, ", "Any, Set, "))).toBe("success");
      expect(await verdictOf(own, target)).toBe("wrong: it changes something else");
    },
  );

  test("what types need is imported", async () => {
    const answer = `from typing import Any\n\n${target.replace("a: str", "a: Any")}`;
    const own = { ...row, after: target.replace("a: str", "a: Any") };
    expect(await verdictOf(own, answer)).toBe("success");
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
    expect(await verdictOf(bare, "const f = (x: A): B => x.y;")).toBe("success");
    expect(await verdictOf(bare, "const f = (x: C): D => x.y;")).toBe(
      "wrong: there is another type for x, the result",
    );
  });
});
