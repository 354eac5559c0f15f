// The geometry of the page's curves: ticks are round and within the range, every point is found, and no
// path leaves the chart.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  bandPath,
  linear,
  linePath,
  nearest,
  ticks,
  valueRange,
} from "../../../src/training/watch/page/scale.ts";

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const point = (step: number, mean: number) => ({ step, mean, low: mean, high: mean });

describe("ticks", () => {
  test("are round", () => {
    expect(ticks({ low: 0, high: 4_200 }, 4)).toEqual([0, 2_000, 4_000]);
    expect(ticks({ low: 1.94, high: 5.6 }, 6)).toEqual([2, 3, 4, 5]);
    expect(ticks({ low: 0, high: 3e-4 }, 3)).toEqual([0, 0.0001, 0.0002, 0.0003]);
    expect(ticks({ low: 7, high: 7 }, 3)).toEqual([7]);
  });

  test("are few and lie within the range", () => {
    fc.assert(
      fc.property(finite, finite, fc.integer({ min: 1, max: 12 }), (a, b, count) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(high - low > 1e-6 * Math.max(1, Math.abs(low), Math.abs(high)));
        const found = ticks({ low, high }, count);
        expect(found.length).toBeLessThanOrEqual(count + 1);
        const slack = (high - low) * 1e-6;
        for (const tick of found) {
          expect(tick).toBeGreaterThanOrEqual(low - slack);
          expect(tick).toBeLessThanOrEqual(high + slack);
        }
      }),
    );
  });
});

test("every value has its place within the chart", () => {
  fc.assert(
    fc.property(
      fc.array(finite, { minLength: 1, maxLength: 50 }),
      fc.boolean(),
      (values, fromZero) => {
        const points = values.map((value, index) => point(index + 1, value));
        const range = valueRange([points], fromZero);
        const y = linear(range, { low: 100, high: 0 });
        for (const { mean } of points) {
          expect(y(mean)).toBeGreaterThanOrEqual(-1e-6);
          expect(y(mean)).toBeLessThanOrEqual(100 + 1e-6);
        }
      },
    ),
  );
  expect(valueRange([[]], true)).toEqual({ low: 0, high: 1 });
});

test("the nearest point is found as by looking at all", () => {
  const steps = fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 });
  fc.assert(
    fc.property(steps, fc.integer({ min: -10, max: 1_010 }), (unsorted, asked) => {
      const points = unsorted.sort((a, b) => a - b).map((step) => point(step, step));
      const distance = Math.abs(nearest(points, asked)!.step - asked);
      expect(distance).toBe(Math.min(...points.map(({ step }) => Math.abs(step - asked))));
    }),
  );
  expect(nearest([], 3)).toBeUndefined();
});

test("a line goes through the means, a band around them where there is one", () => {
  const same = (value: number) => value;
  const plain = [point(1, 2), point(2, 3)];
  expect(linePath(plain, same, same)).toBe("M1.0 2.0L2.0 3.0");
  expect(bandPath(plain, same, same)).toBe("");
  const thinned = [{ step: 1, mean: 2, low: 1, high: 4 }, point(2, 3)];
  expect(bandPath(thinned, same, same)).toBe("M1.0 4.0L2.0 3.0L2.0 3.0L1.0 1.0Z");
  expect(linePath([], same, same)).toBe("");
});
