// Learning rates by step: up in a straight line, then as the schedule's name says, down to the least.

import { expect, test } from "bun:test";
import { learningRates, type ScheduleOptions, scheduleNames } from "../../src/training/schedule.ts";

const options: ScheduleOptions = {
  name: "cosine",
  learningRate: 2,
  steps: 110,
  warmup: 10,
  minimum: 0.1,
  decay: 0.2,
};

test.each([
  ["cosine", [0.2, 1, 2, 1.1, 0.2]],
  ["wsd", [0.2, 1, 2, 2, 0.2]],
  ["constant", [0.2, 1, 2, 2, 2]],
] as const)("%s", (name, wanted) => {
  const rate = learningRates({ ...options, name });
  const rates = [1, 5, 10, 60, 110].map((step) => Number(rate(step).toFixed(12)));
  expect(rates).toEqual([...wanted]);
});

test("wsd holds until the decay, half of which is half way down", () => {
  const rate = learningRates({ ...options, name: "wsd", minimum: 0 });
  expect([rate(88), rate(99), rate(110)]).toEqual([2, 1, 0]);
});

test("every schedule goes on past its end, and without a warm-up starts at the top", () => {
  for (const name of scheduleNames) {
    const rate = learningRates({ ...options, name, warmup: 0 });
    expect(rate(1)).toBeGreaterThan(1.9);
    expect(rate(500)).toBe(rate(110));
  }
});
