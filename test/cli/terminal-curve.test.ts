// A curve in characters: where its ends are, that no line is too long, whatever its values.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { terminalCurve } from "../../src/cli/terminal-curve.ts";

test("a curve that falls goes from the first line's start to the last one's end", () => {
  const points = Array.from({ length: 50 }, (_, step) => ({ step: step + 1, mean: 50 - step }));
  expect(terminalCurve(points, { width: 16, height: 4 })).toEqual([
    " 50.0 │⠑⢤⡀⠀⠀⠀⠀⠀⠀",
    "      │⠀⠀⠙⠦⡀⠀⠀⠀⠀",
    " 17.3 │⠀⠀⠀⠀⠈⠲⣄⠀⠀",
    "1.000 │⠀⠀⠀⠀⠀⠀⠈⠓⢄",
    "       1      50",
  ]);
});

test("a flat curve, and one of a single point, are drawn in the middle", () => {
  const flat = terminalCurve(
    [
      { step: 1, mean: 2 },
      { step: 9, mean: 2 },
    ],
    { width: 20, height: 5 },
  );
  expect(flat[2]).toMatch(/^2\.000 │[^⠀]+$/);
  expect(flat[0]).toMatch(/│⠀+$/);
  expect(terminalCurve([{ step: 5, mean: 1 }], { width: 20, height: 3 }).length).toBe(4);
});

test("steps that go back and forth by far cost no more than others", () => {
  const size = { width: 80, height: 12 };
  for (const steps of [
    [0, 1e9, 1],
    [1e300, 0, -1e300, 1e300],
    [0, Infinity, 1],
  ]) {
    const points = steps.map((step, mean) => ({ step, mean }));
    expect(terminalCurve(points, size).length).toBe(13);
  }
});

test("no line is longer than the terminal is wide", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const size = fc.record({
    width: fc.integer({ min: 24, max: 120 }),
    height: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), size, (means, { width, height }) => {
      const points = means.map((mean, index) => ({ step: (index + 1) * 100, mean }));
      const lines = terminalCurve(points, { width, height });
      expect(lines.length).toBe(height + 1);
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
    }),
  );
});
