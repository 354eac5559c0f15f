// Which lines changed: as few as there are for texts of common size, some for any, in bounded time.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { lineChangeSteps, lineChanges } from "../../src/patch/line-changes.ts";
import { breathingSteps } from "../../src/patch/steps.ts";

/** Puts the changed lines of `after` into `before`. */
function rebuilt(before: readonly string[], after: readonly string[]): string[] {
  const result: string[] = [];
  let at = 0;
  for (const { oldStart, oldEnd, newStart, newEnd } of lineChanges(before, after)) {
    result.push(...before.slice(at, oldStart), ...after.slice(newStart, newEnd));
    at = oldEnd;
  }
  return result.concat(before.slice(at));
}

function changedLines(before: readonly string[], after: readonly string[]): number {
  return lineChanges(before, after).reduce(
    (sum, { oldStart, oldEnd, newStart, newEnd }) => sum + oldEnd - oldStart + newEnd - newStart,
    0,
  );
}

/** Lines of a longest common subsequence, by the textbook's table. */
function commonLines(before: readonly string[], after: readonly string[]): number {
  let row = new Array<number>(after.length + 1).fill(0);
  for (const line of before) {
    const next = [0];
    for (const [at, other] of after.entries()) {
      next.push(line === other ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!));
    }
    row = next;
  }
  return row.at(-1)!;
}

const lines = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 40 });

test("no script has fewer lines", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      expect(rebuilt(before, after)).toEqual(after);
      const least = before.length + after.length - 2 * commonLines(before, after);
      expect(changedLines(before, after)).toBe(least);
    }),
    { numRuns: 500 },
  );
});

/** Lines of a long text. */
const length = 100_000;
const numbered = (prefix: string, count = length) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
/** The same numbers each time, without a pattern. */
const drawn = (seed: number, kinds: number, count = length) => {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return `line ${state % kinds}`;
  });
};

describe("long texts", () => {
  const large: [string, string[], string[], number][] = [
    ["without a line in common", numbered("a"), numbered("b"), 2 * length],
    ["with every tenth line another", numbered("a"), every(10, numbered("a")), 20_000],
    ["backwards", numbered("a"), numbered("a").reverse(), 2 * length - 2],
    ["of repeated lines, every tenth another", repeated(), every(10, repeated()), 20_000],
    ["of few kinds of lines, unrelated", drawn(1, 3, 30_000), drawn(2, 3, 30_000), 45_000],
    ["of many kinds, unrelated", drawn(1, 5000, 30_000), drawn(2, 5000, 30_000), 60_000],
  ];
  test.each(large)(
    "%s take seconds at most",
    (_, before, after, most) => {
      const start = performance.now();
      expect(changedLines(before, after)).toBeLessThanOrEqual(most);
      expect(performance.now() - start).toBeLessThan(15_000);
      expect(rebuilt(before, after)).toEqual(after);
    },
    60_000,
  );

  test("hear a signal", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const start = performance.now();
    const work = breathingSteps(lineChangeSteps(drawn(1, 300), drawn(2, 300)), controller.signal);
    expect(work).rejects.toMatchObject({ code: "interrupted" });
    await work.catch(() => {});
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

function every(step: number, all: readonly string[]): string[] {
  return all.map((line, index) => (index % step === 5 ? `${line} changed` : line));
}

function repeated(): string[] {
  return numbered("a").map((_, index) => `line ${index % 977}`);
}
