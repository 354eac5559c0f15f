// pass@k against its definition: of all ways to take k of n answers, how many hold a right one.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { passAtK } from "../../src/evaluation/pass-at-k.ts";

/** Counts subsets of k of n answers, the first `passed` of which are right. */
function byCounting(samples: number, passed: number, k: number): number {
  let all = 0;
  let right = 0;
  for (let subset = 0; subset < 1 << samples; subset++) {
    const bits = subset.toString(2).replaceAll("0", "").length;
    if (bits !== k) continue;
    all++;
    if ((subset & ((1 << passed) - 1)) !== 0) right++;
  }
  return right / all;
}

const counts = fc.integer({ min: 1, max: 10 }).chain((samples) =>
  fc.record({
    samples: fc.constant(samples),
    passed: fc.integer({ min: 0, max: samples }),
    k: fc.integer({ min: 1, max: samples }),
  }),
);

test("pass@k is the part of all choices of k answers that hold a right one", () => {
  fc.assert(
    fc.property(counts, ({ samples, passed, k }) => {
      expect(passAtK(samples, passed, k)).toBeCloseTo(byCounting(samples, passed, k), 12);
    }),
  );
});

test("with very many samples it stays a probability", () => {
  expect(passAtK(10_000, 1, 1)).toBeCloseTo(1e-4, 12);
  expect(passAtK(10_000, 0, 100)).toBe(0);
  expect(passAtK(10_000, 9_950, 100)).toBe(1);
});
