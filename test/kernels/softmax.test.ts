// Stable softmax of rows: odd widths against f64, large values, rows without a finite score.

import { expect, test } from "bun:test";
import { softmax } from "../../src/native/kernels.ts";
import { bits, distance, onEveryTable, random, withThreads } from "./machine.ts";

onEveryTable("softmax", (level) => {
  test("every width from 1 to 70 and a large one, against f64", () => {
    for (const columns of [...Array(71).keys()].slice(1).concat(20_001)) {
      const rows = 7;
      const source = random(columns, rows * columns, 10);
      const wanted = Array.from({ length: rows }, (_, row) => {
        const scores = source.subarray(row * columns, (row + 1) * columns);
        const highest = Math.max(...scores);
        const weights = Array.from(scores, (score) => Math.exp(score - highest));
        const total = weights.reduce((a, b) => a + b, 0);
        return weights.map((weight) => weight / total);
      }).flat();
      let first: Uint32Array | undefined;
      withThreads(level, () => {
        const values = source.slice();
        softmax(values, rows, columns);
        expect(distance(values, wanted)).toBeLessThan(4e-7);
        first ??= bits(values);
        expect(bits(values)).toEqual(first);
      });
    }
  });

  test("huge, infinite and missing scores", () => {
    withThreads(level, () => {
      const rows = Float32Array.of(
        3e38,
        0,
        -3e38,
        1000,
        1001,
        -Infinity,
        ...Array(3).fill(-Infinity),
      );
      softmax(rows, 3, 3);
      expect([...rows.slice(0, 3)]).toEqual([1, 0, 0]);
      expect(rows[3]).toBeCloseTo(1 / (1 + Math.E), 6);
      expect(rows[5]).toBe(0);
      // A row that sees nothing is even, not NaN.
      for (const p of rows.slice(6)) expect(p).toBeCloseTo(1 / 3, 6);
      const poisoned = Float32Array.of(1, NaN, 2);
      softmax(poisoned, 1, 3);
      expect(poisoned.every(Number.isNaN)).toBe(true);
      softmax(new Float32Array(0), 0, 5);
    });
  });
});
