// Curves of runs of any length in bounded memory, with every extreme kept, and a history that comes out of
// JSON as it went in.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { History } from "../../../src/training/watch/history.ts";
import { pointsMax, Series } from "../../../src/training/watch/series.ts";
import { simulatedEvents } from "./simulated-run.ts";

describe("a series", () => {
  test("keeps few points, all steps' mean, and each lowest and highest", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_000 }), fc.integer(), (count, seed) => {
        const series = new Series();
        const values = Array.from({ length: count }, (_, index) => Math.sin(seed + index * index));
        for (const [index, value] of values.entries()) series.add(index + 1, value);
        const { points } = series;
        const { stride, inLast } = series.toJSON();
        expect(points.length).toBeLessThanOrEqual(pointsMax);
        expect(points.length).toBeGreaterThan(Math.min(count, pointsMax) / 2 - 1);
        expect(points.at(-1)!.step).toBe(count);
        expect(Math.min(...points.map(({ low }) => low))).toBe(Math.min(...values));
        expect(Math.max(...points.map(({ high }) => high))).toBe(Math.max(...values));
        const sum = points.reduce(
          (total, { mean }, index) => total + mean * (index + 1 < points.length ? stride : inLast),
          0,
        );
        const mean = values.reduce((total, value) => total + value, 0) / count;
        expect(sum / count).toBeCloseTo(mean, 9);
      }),
      { numRuns: 30 },
    );
  });

  test("goes on from JSON as if it had not been away", () => {
    const [whole, before] = [new Series(), new Series()];
    for (let step = 1; step <= 5_000; step++) whole.add(step, step % 7);
    for (let step = 1; step <= 3_001; step++) before.add(step, step % 7);
    const after = Series.from(JSON.parse(JSON.stringify(before)));
    for (let step = 3_002; step <= 5_000; step++) after.add(step, step % 7);
    expect(after.points.map(({ step }) => step)).toEqual(whole.points.map(({ step }) => step));
    for (const [index, point] of whole.points.entries()) {
      expect(after.points[index]!.mean).toBeCloseTo(point.mean, 4);
    }
  });

  test("has no point for what is not finite", () => {
    const series = new Series();
    series.add(1, Number.NaN);
    series.add(2, Number.POSITIVE_INFINITY);
    expect(series.points).toEqual([]);
  });
});

describe("a history", () => {
  test("of a long run stays small and comes out of JSON as it went in", () => {
    const history = new History();
    for (const event of simulatedEvents({ steps: 30_000, evaluateEvery: 100 })) {
      history.add({ ...event, time: 0 });
    }
    const measured = { loss: 2, bitsPerByte: null, accuracy: 0.9, tokens: 5 };
    history.add({ type: "evaluation", step: 30_000, ...measured, time: 0 });
    history.add({ type: "state", state: "paused", step: 30_000, time: 0 });
    const text = JSON.stringify(history);
    expect(text.length).toBeLessThan(250_000);
    const again = History.from(JSON.parse(text));
    expect(JSON.stringify(again)).toBe(text);
    expect(again.latest.step).toMatchObject({ step: 30_000, steps: 30_000 });
    expect(again.latest.status).toMatchObject({ state: "paused" });
    expect(again.latest.samples.length).toBe(30);
    expect(again.latest.samples[0]!.step).toBe(30_000);
    expect(again.latest.measures).toEqual([["accuracy", 0.9]]);
    expect(again.curve("validationLoss").points.length).toBe(301);
  });
});
