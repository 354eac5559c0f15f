// Sampling from logits: greedy ties, what each filter keeps, penalties by their formulas, and draws
// that depend on seed and position alone and follow the probabilities.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { greedy, Sampler, type SamplingOptions, uniform } from "../../src/inference/sampler.ts";

const sampling: SamplingOptions = { ...greedy, temperature: 1 };
/** Logits of these probabilities. */
const logits = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);

/** How often each id is drawn at the positions 0 … draws. */
function counts(options: Partial<SamplingOptions>, values: Float32Array, draws = 4000): number[] {
  const sampler = new Sampler({ ...sampling, ...options });
  const result = Array(values.length).fill(0);
  for (let position = 0; position < draws; position++) result[sampler.sample(values, position)]++;
  return result;
}

/** The ids that are ever drawn. */
function drawn(options: Partial<SamplingOptions>, values: Float32Array): number[] {
  return counts(options, values).flatMap((count, id) => (count > 0 ? [id] : []));
}

describe("greedy", () => {
  test("takes the largest, the lowest id of equals, at any position and seed", () => {
    const values = Float32Array.of(1, 3, -2, 3, 2.9);
    for (const seed of [0, 1, 99]) {
      expect(new Sampler({ ...greedy, seed }).sample(values, seed * 7)).toBe(1);
    }
    expect(new Sampler(greedy).sample(new Float32Array(9), 0)).toBe(0);
  });

  test("takes a preferred token unless another is higher by more than its bias", () => {
    const values = Float32Array.of(1, 4, 2);
    const taken = (ids: number[]) => (bias: number) =>
      new Sampler(greedy).sample(values, 0, { ids, bias });
    expect([0, 1.9, 2.1, -1].map(taken([2]))).toEqual([1, 1, 2, 1]);
    expect([0, 2.1, 9].map(taken([0, 2]))).toEqual([1, 2, 2]);
    expect([0, 9].map(taken([]))).toEqual([1, 1]);
    expect(values).toEqual(Float32Array.of(1, 4, 2));
  });

  test("never takes NaN, and knows infinities", () => {
    const best = (...values: number[]) => new Sampler(greedy).sample(Float32Array.from(values), 0);
    expect(best(NaN, -3, NaN, -1, NaN)).toBe(3);
    expect(best(-Infinity, -1e38)).toBe(1);
    expect(best(1, Infinity, 2)).toBe(1);
  });

  test("leaves the logits as they are, with penalties too", () => {
    const values = Float32Array.of(1, 2, 3);
    const sampler = new Sampler({ ...greedy, repetitionPenalty: 2, presencePenalty: 1 }, [2]);
    sampler.accept(1);
    sampler.sample(values, 0);
    expect([...values]).toEqual([1, 2, 3]);
  });
});

describe("what is kept", () => {
  const values = logits(0.4, 0.05, 0.3, 0.15, 0.1);

  test("everything without filters", () => {
    expect(drawn({}, values)).toEqual([0, 1, 2, 3, 4]);
  });

  test("top-k keeps the k most probable", () => {
    expect(drawn({ topK: 1 }, values)).toEqual([0]);
    expect(drawn({ topK: 3 }, values)).toEqual([0, 2, 3]);
    expect(drawn({ topK: 100 }, values)).toEqual([0, 1, 2, 3, 4]);
  });

  test("top-k takes the lowest ids of equals", () => {
    expect(drawn({ topK: 2 }, new Float32Array(6))).toEqual([0, 1]);
  });

  test("top-p keeps the fewest that reach p", () => {
    expect(drawn({ topP: 0 }, values)).toEqual([0]);
    expect(drawn({ topP: 0.39 }, values)).toEqual([0]);
    expect(drawn({ topP: 0.5 }, values)).toEqual([0, 2]);
    expect(drawn({ topP: 0.72 }, values)).toEqual([0, 2, 3]);
    expect(drawn({ topP: 1 }, values)).toEqual([0, 1, 2, 3, 4]);
    // Reached exactly is reached.
    expect(drawn({ topP: 0.5 }, new Float32Array(2))).toEqual([0]);
  });

  test("top-p counts what top-k left", () => {
    // Of 0.4 and 0.3 the first is 0.57.
    expect(drawn({ topK: 2, topP: 0.5 }, values)).toEqual([0]);
    expect(drawn({ topK: 2, topP: 0.6 }, values)).toEqual([0, 2]);
  });

  test("min-p keeps what is at least p times as probable as the best", () => {
    expect(drawn({ minP: 0.2 }, values)).toEqual([0, 2, 3, 4]);
    expect(drawn({ minP: 0.3 }, values)).toEqual([0, 2, 3]);
    expect(drawn({ minP: 1 }, values)).toEqual([0]);
  });

  test("NaN and -Infinity are never drawn", () => {
    expect(drawn({}, Float32Array.of(NaN, 1, -Infinity, 1, NaN))).toEqual([1, 3]);
  });
});

describe("draws", () => {
  test("follow the probabilities (chi-squared, 4 degrees of freedom, p > 1e-6)", () => {
    const probabilities = [0.4, 0.05, 0.3, 0.15, 0.1];
    for (const seed of [1, 2, 3]) {
      const draws = 20_000;
      const found = counts({ seed }, logits(...probabilities), draws);
      const squared = found.reduce((sum, count, id) => {
        const wanted = probabilities[id]! * draws;
        return sum + (count - wanted) ** 2 / wanted;
      }, 0);
      expect(squared).toBeLessThan(33);
    }
  });

  test("temperature sharpens and flattens: p^(1/T)", () => {
    const values = logits(0.8, 0.2);
    const share = (temperature: number) => counts({ temperature }, values, 20_000)[0]! / 20_000;
    expect(share(1)).toBeCloseTo(0.8, 1);
    expect(share(2)).toBeCloseTo(2 / 3, 1);
    expect(share(0.5)).toBeCloseTo(16 / 17, 1);
    expect(share(0.001)).toBe(1);
  });

  test("depend on seed and position alone", () => {
    const values = logits(...Array(50).fill(1 / 50));
    const run = (seed: number) =>
      Array.from({ length: 40 }, (_, at) => new Sampler({ ...sampling, seed }).sample(values, at));
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
    const backwards = new Sampler({ ...sampling, seed: 7 });
    const reversed = run(7).map((_, at) => backwards.sample(values, 39 - at));
    expect(reversed.reverse()).toEqual(run(7));
  });

  test("uniform numbers are in [0, 1) and spread, for any seed", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(), (seed, index) => {
        const point = uniform(seed, index);
        return point >= 0 && point < 1 && point === uniform(seed, index);
      }),
    );
    const points = Array.from({ length: 10_000 }, (_, i) => uniform(1, i));
    const mean = points.reduce((a, b) => a + b, 0) / points.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
    expect(new Set(points).size).toBe(points.length);
  });
});

describe("penalties", () => {
  /** The logit that id 0 is left with, found by the value at which id 1 begins to win. */
  function remaining(options: Partial<SamplingOptions>, logit: number, use: (s: Sampler) => void) {
    let [low, high] = [-100, 100];
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      const sampler = new Sampler({ ...greedy, ...options });
      use(sampler);
      if (sampler.sample(Float32Array.of(logit, middle), 0) === 1) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
  }
  const twice = (sampler: Sampler) => {
    sampler.accept(0);
    sampler.accept(0);
  };

  test("repetition divides positive logits and multiplies negative ones, once", () => {
    expect(remaining({ repetitionPenalty: 2 }, 6, twice)).toBeCloseTo(3, 4);
    expect(remaining({ repetitionPenalty: 2 }, -6, twice)).toBeCloseTo(-12, 4);
  });

  test("repetition counts the prompt, presence and frequency do not", () => {
    const values = Float32Array.of(6, 5);
    const choice = (options: Partial<SamplingOptions>) =>
      new Sampler({ ...greedy, ...options }, [0, 0, 0]).sample(values, 0);
    expect(choice({ repetitionPenalty: 1.5 })).toBe(1);
    expect(choice({ presencePenalty: 2, frequencyPenalty: 2 })).toBe(0);
  });

  test("presence is subtracted once, frequency for each time", () => {
    expect(remaining({ presencePenalty: 1.5 }, 6, twice)).toBeCloseTo(4.5, 4);
    expect(remaining({ frequencyPenalty: 1.5 }, 6, twice)).toBeCloseTo(3, 4);
    const all = { repetitionPenalty: 2, presencePenalty: 1, frequencyPenalty: 0.5 };
    expect(remaining(all, 6, twice)).toBeCloseTo(6 / 2 - 1 - 2 * 0.5, 4);
  });

  test("what has not been seen keeps its logit", () => {
    const all = { repetitionPenalty: 3, presencePenalty: 1, frequencyPenalty: 1 };
    expect(remaining(all, 6, () => {})).toBeCloseTo(6, 4);
  });

  test("they also act on draws", () => {
    const sampler = new Sampler({ ...sampling, presencePenalty: 100 });
    sampler.accept(0);
    const ids = Array.from({ length: 50 }, (_, at) => sampler.sample(logits(0.9, 0.1), at));
    expect(new Set(ids)).toEqual(new Set([1]));
  });
});

test.each([
  [{ temperature: -1 }, "temperature must be a number from 0 on, not -1"],
  [{ temperature: Number.NaN }, "temperature must be a number from 0 on, not NaN"],
  [{ topK: 1.5 }, "topK must be a whole number from 0 on, not 1.5"],
  [{ minP: 2 }, "minP must be a number from 0 to 1, not 2"],
  [{ repetitionPenalty: 0 }, "repetitionPenalty must be above 0, not 0"],
  [{ seed: 0.5 }, "seed must be a whole number, not 0.5"],
] as [Partial<SamplingOptions>, string][])("%p is refused", (options, message) => {
  expect(() => new Sampler({ ...sampling, ...options })).toThrow(message);
});
