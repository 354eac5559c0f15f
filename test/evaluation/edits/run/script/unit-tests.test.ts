// What running tells of unit tests below a function of a script: whether they pass, and whether they would
// notice a change.

import { describe, expect, test } from "bun:test";
import { runScriptTests } from "../../../../../src/evaluation/edits/run/script/unit-tests.ts";
import { rowOf } from "../../judging.ts";
import { openRunning } from "../running.ts";

const running = await openRunning();

const before =
  "export function clamp(x: number, low: number, high: number): number {\n  if (x < low) return low;\n  return Math.min(x, high);\n}";

const run = (below: string, own = before) => {
  const facts = { tested: "clamp" };
  const row = rowOf({
    ...{ kind: "unit-test", language: "typescript", name: "clamp", path: "clamp.ts", facts },
    ...{ before: own, after: own },
  });
  return runScriptTests(row, `${own}\n\n${below}`, running!.runner);
};

describe.skipIf(running === undefined)("unit tests of scripts", () => {
  test.each([
    ["an expectation", 'test("clamps", () => {\n  expect(clamp(5, 0, 3)).toBe(3);\n});'],
    [
      "several in a group, with an import",
      'import { describe, expect, it } from "vitest";\ndescribe("clamp", () => {\n  it("is a number", () => { expect(clamp(1, 0, 3)).toBeNumber(); });\n  it("has a low end", () => { expect(clamp(-1, 0, 3)).toEqual(0); });\n});',
    ],
    [
      "assert of Node, in an async function",
      'import assert from "node:assert";\nit("clamps", async () => {\n  assert.equal(clamp(await Promise.resolve(5), 0, 3), 3);\n});',
    ],
  ])("that pass and would notice a change test it: %s", async (_, below) => {
    expect(await run(below)).toEqual({ finding: "tests" });
  });

  test("that fail are named, with what they throw", async () => {
    const failing = 'it("clamps", () => {\n  expect(clamp(5, 0, 3)).toBe(4);\n});';
    const failed = { finding: "fails", test: "clamps", error: "AssertionError" } as const;
    expect(await run(failing)).toEqual(failed);
    const throwing = 'it("clamps", () => {\n  throw new RangeError(String(clamp(1, 0, 3)));\n});';
    expect(await run(throwing)).toEqual({ ...failed, error: "RangeError" });
    const late =
      'it("clamps", async () => {\n  await expect(Promise.resolve(clamp(1, 0, 3))).resolves.toBe(2);\n});';
    expect(await run(late)).toEqual(failed);
    const endless = [
      "() => { for (;;) clamp(1, 0, 3); }",
      "() => new Promise(() => clamp(1, 0, 3))",
    ];
    for (const work of endless) {
      expect(await run(`it("clamps", ${work});`)).toEqual({ ...failed, error: "TooSlow" });
    }
  });

  test("have strict code and the assert that they import", async () => {
    const frozen =
      'it("is strict", () => {\n  const one = Object.freeze({ x: 1 });\n  expect(() => { (one as any).x = 3; }).toThrow();\n  expect(clamp(5, 0, 3)).toBe(3);\n});';
    expect(await run(frozen)).toEqual({ finding: "tests" });
    const text = 'it("clamps", () => {\n  assert.equal(clamp(5, 0, 3), "3" as any);\n});';
    expect(await run(`import assert from "node:assert";\n${text}`)).toEqual({ finding: "tests" });
    expect(await run(`import assert from "node:assert/strict";\n${text}`)).toEqual({
      ...{ finding: "fails", test: "clamps", error: "AssertionError" },
    });
  });

  test("that pass whatever the function does notice nothing", async () => {
    const spying =
      'it("clamps", () => {\n  const spy = jest.spyOn(Math, "abs");\n  Math.abs(clamp(1, 0, 3));\n  expect(spy).toHaveBeenCalledTimes(1);\n});';
    expect(await run(spying)).toEqual({ finding: "notices nothing" });
    const idle = 'it("clamps", () => {\n  clamp(1, 0, 3);\n  expect(clamp).toBeFunction();\n});';
    expect(await run(idle)).toEqual({ finding: "notices nothing" });
  });

  test.each([
    [
      "another framework's matchers",
      'it("clamps", () => { expect(clamp(5, 0, 3)).to.equal(3); });',
    ],
    [
      "another module",
      'import { low } from "./low";\nit("clamps", () => { expect(clamp(1, low, 3)).toBe(1); });',
    ],
    ["a snapshot", 'it("clamps", () => { expect(clamp(5, 0, 3)).toMatchInlineSnapshot("3"); });'],
    ["a browser", 'it("clamps", () => { expect(clamp(location.hash.length, 0, 3)).toBe(1); });'],
    ["names of elsewhere", 'it("clamps", () => { expect(clamp(1, LOW, 3)).toBe(1); });'],
    ["arguments", 'it("clamps", (done) => { expect(clamp(5, 0, 3)).toBe(3); done(); });'],
    ["tables", 'it.each([1])("clamps", () => { expect(clamp(5, 0, 3)).toBe(3); });'],
    ["nothing", "expect(clamp(5, 0, 3)).toBe(3);"],
  ])("are not told of where they need or have %s", async (_, below) => {
    const { finding } = await run(below);
    expect(finding).toBe("untold");
  });
});
