// The golden file must be whole and the measure right, or a wrong forward could pass.

import { expect, test } from "bun:test";
import { readSmollm2Golden, readSmollm2Positions, sameBest, truncatedKl } from "./golden.ts";

const golden = readSmollm2Golden();

test("every position is a distribution, best first", () => {
  const positions = readSmollm2Positions(golden);
  const tokens = golden.sequences.reduce((sum, { ids }) => sum + ids.length, 0);
  expect(positions.length).toBe(tokens);
  expect(tokens).toBeGreaterThanOrEqual(1000);
  for (const { ids, logProbabilities, logRest } of positions) {
    const mass = logProbabilities.reduce((sum, log) => sum + Math.exp(log), Math.exp(logRest));
    expect(mass).toBeCloseTo(1, 5);
    expect([...logProbabilities]).toEqual([...logProbabilities].sort((a, b) => b - a));
    expect(new Set(ids).size).toBe(golden.binary.best);
  }
});

test("the divergence is nought for equal logits and known for a known change", () => {
  const ids = Uint16Array.of(2, 0);
  const logProbabilities = Float32Array.of(Math.log(0.5), Math.log(0.25));
  const reference = { ids, logProbabilities, logRest: Math.log(0.25) };
  const equal = [0.25, 0.125, 0.5, 0.125].map((p) => Math.log(p) + 7);
  expect(truncatedKl(reference, equal)).toBeCloseTo(0, 6);
  expect(sameBest(reference, equal)).toBe(true);
  const uniform = [0, 0, 0, 0]; // 0.5 log 2 + 0 + 0.25 log(1/2)
  expect(truncatedKl(reference, uniform)).toBeCloseTo(0.25 * Math.LN2, 6);
  expect(sameBest(reference, uniform)).toBe(false);
});
