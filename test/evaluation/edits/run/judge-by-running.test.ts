// What running makes of a judgement by text.

import { describe, expect, test } from "bun:test";
import { judgeByRunning } from "../../../../src/evaluation/edits/run/judge-by-running.ts";
import { judgedAnswer, type Row, rowOf } from "../judging.ts";
import { openRunning } from "./running.ts";

const running = await openRunning();

describe.skipIf(running === undefined)("judging by running", () => {
  const verdict = async (row: Row, answer: string) => {
    const judged = await judgedAnswer(row, answer);
    const { verdict, reason, ranAlike } = await judgeByRunning(
      rowOf(row),
      answer,
      judged,
      running!,
    );
    return [judged.verdict, verdict, ranAlike, reason];
  };
  const head = 'def first(items):\n    """The first of items, None of none."""\n';
  const implement: Row = {
    kind: "implement",
    before: `${head}    raise NotImplementedError`,
    after: `${head}    return items[0] if items else None`,
  };
  const bug: Row = {
    kind: "bug-operator",
    before: "def f(a, b):\n    return a if a < b else b",
    after: "def f(a, b):\n    return a if a > b else b",
  };

  test("makes an open implementation a success, or wrong", async () => {
    const right = `${head}    if not items:\n        return None\n    return items[0]`;
    expect(await verdict(implement, right)).toEqual(["open", "success", true, undefined]);
    const wrong = `${head}    return items[-1] if items else None`;
    const [was, is, ranAlike, reason] = await verdict(implement, wrong);
    expect([was, is, ranAlike]).toEqual(["open", "wrong", false]);
    expect(reason).toStartWith("it returns something else for first(");
  });

  test("makes a bug that is mended in other words a success, and leaves other kinds alone", async () => {
    const answer = "def f(a, b):\n    if a > b:\n        return a\n    return b";
    expect(await verdict(bug, answer)).toEqual(["wrong", "success", true, undefined]);
    const reason = "it is not what was asked for";
    expect(await verdict({ ...bug, kind: "guard-clause" }, answer)).toEqual([
      "wrong",
      "wrong",
      false,
      reason,
    ]);
  });

  test("judges scripts so too", async () => {
    const start = "/** The first of items, null of none. */\nfunction f(items: number[]) {\n";
    const script: Row = {
      ...{ kind: "implement", language: "typescript", path: "r/f.ts" },
      before: `${start}  throw new Error("not implemented");\n}`,
      after: `${start}  return items.length > 0 ? items[0] : null;\n}`,
    };
    const right = `${start}  if (items.length === 0) return null;\n  return items[0];\n}`;
    expect(await verdict(script, right)).toEqual(["open", "success", true, undefined]);
    const other = await verdict(script, `${start}  return items.at(-1) ?? null;\n}`);
    expect(other.slice(0, 2)).toEqual(["open", "wrong"]);
    expect(other[3]).toStartWith("it returns something else for f(");
    const unit = "function half(x) {\n  return Math.floor(x / 2);\n}";
    const row: Row = {
      ...{ kind: "unit-test", language: "javascript", path: "r/half.js", before: unit },
      ...{ name: "half", facts: { tested: "half" } },
      after: `${unit}\n\nit("halves", () => {\n  expect(half(4)).toBe(2);\n});`,
    };
    const below = (number: number) =>
      `${unit}\n\nit("halves", () => expect(half(9)).toBe(${number}));`;
    expect((await verdict(row, below(4))).slice(0, 2)).toEqual(["open", "success"]);
    expect((await verdict(row, below(5)))[3]).toBe("halves fails: AssertionError");
  });

  test("makes an open unit test a success, or says why it is wrong", async () => {
    const before = "def half(x):\n    return x // 2";
    const row: Row = {
      ...{ kind: "unit-test", before, name: "half", facts: { tested: "half" } },
      after: `${before}\n\n\ndef test_half():\n    assert half(4) == 2`,
    };
    const below = (test: string) => `${before}\n\n\ndef test_half():\n    ${test}`;
    expect(await verdict(row, below("assert half(9) == 4"))).toEqual([
      ...["open", "success"],
      ...[false, undefined],
    ]);
    expect(await verdict(row, below("assert half(9) == 5"))).toEqual([
      ...["open", "wrong"],
      ...[false, "test_half fails: AssertionError"],
    ]);
    expect(await verdict(row, below("assert half(0) is not None"))).toEqual([
      ...["open", "success"],
      ...[false, undefined],
    ]);
    expect(await verdict(row, below("assert callable(half) or half(1)"))).toEqual([
      ...["open", "wrong"],
      ...[false, "it passes whatever half does"],
    ]);
  });
});
