// Numbers from seeds: an order that leaves nothing out, for any count, and streams that repeat.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { mix, Random, shuffled } from "../../src/training/random.ts";

test("an order has everything once, and another seed another order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(), (count, seed) => {
      const order = Array.from({ length: count }, (_, i) => shuffled(i, count, seed));
      expect(new Set(order).size).toBe(count);
      expect(Math.max(...order)).toBe(count - 1);
    }),
    { numRuns: 100 },
  );
  const order = (seed: number) => Array.from({ length: 100 }, (_, i) => shuffled(i, 100, seed));
  expect(order(1)).not.toEqual(order(2));
  expect(order(1)).toEqual(order(1));
});

test("an order is no pattern: neighbours are far apart, on the whole", () => {
  const count = 10_000;
  let near = 0;
  for (let i = 1; i < count; i++) {
    if (Math.abs(shuffled(i, count, 7) - shuffled(i - 1, count, 7)) < count / 10) near++;
  }
  expect(near / count).toBeGreaterThan(0.15);
  expect(near / count).toBeLessThan(0.23);
});

test("a seed's numbers are spread evenly, and those of the next seed are others", () => {
  const random = new Random(3);
  const counts = new Uint32Array(10);
  for (let i = 0; i < 10_000; i++) counts[random.below(10)]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  expect(new Random(4).next()).not.toBe(new Random(3).next());
  expect(mix(1, 2 ** 40)).not.toBe(mix(1, 0));
});
