// Fused attention against f64 for grouped queries, odd heads, windows, both caches and positions on
// either side of the 256-key chunks; the same bits however tokens are cut; and against the same
// steps done by hand with the product, softmax and general product kernels.

import { expect, test } from "bun:test";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { cacheTypes } from "../../src/model/cache-type.ts";
import { gemm, products, softmax, useCpuLevel } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { AttentionCase, type AttentionShape } from "./attention-case.ts";
import { bits, distance, onEveryTable, withThreads, workspace } from "./machine.ts";

const space = workspace();
const grouped = { heads: 32, kvHeads: 4, dimension: 64 };
const small = { heads: 4, kvHeads: 2, dimension: 20 };

const shapes: Record<string, AttentionShape> = {
  "32 heads over 4 of 64": { ...grouped, positions: 40, tokens: 40 },
  "700 keys": { ...grouped, positions: 700, tokens: 3 },
  "700 keys, f16": { ...grouped, positions: 700, tokens: 3, type: "f16" },
  "2,100 keys for one query": { ...grouped, positions: 2100, tokens: 1, type: "f16" },
  "2,100 keys in a window": { ...small, positions: 2100, tokens: 2, window: 1000 },
  "the first position": { ...small, positions: 1, tokens: 1 },
  "up to a chunk's end": { ...small, positions: 256, tokens: 9 },
  "over a chunk's end": { ...small, positions: 262, tokens: 12, type: "f16" },
  "two whole chunks": { ...small, positions: 513, tokens: 3 },
  "heads of 1": { heads: 3, kvHeads: 3, dimension: 1, positions: 30, tokens: 5 },
  "heads of 5": { heads: 7, kvHeads: 1, dimension: 5, positions: 30, tokens: 7 },
  "heads of 33, f16": {
    heads: 6,
    kvHeads: 3,
    dimension: 33,
    positions: 300,
    tokens: 5,
    type: "f16",
  },
  "heads of 100": { heads: 6, kvHeads: 2, dimension: 100, positions: 270, tokens: 17 },
  "heads of 128": { heads: 2, kvHeads: 1, dimension: 128, positions: 70, tokens: 8 },
  "window of 1": { ...small, positions: 50, tokens: 20, window: 1 },
  "window of 8": { ...small, positions: 270, tokens: 30, window: 8 },
  "window of 256": { ...small, positions: 600, tokens: 11, window: 256, type: "f16" },
  "window of 300": { ...small, positions: 700, tokens: 9, window: 300 },
  "700 keys, q8_0": { ...grouped, positions: 700, tokens: 3, type: "q8_0" },
  "2,100 keys for one query, q8_0": { ...grouped, positions: 2100, tokens: 1, type: "q8_0" },
  "heads of 33, q8_0": { ...grouped, dimension: 33, positions: 300, tokens: 5, type: "q8_0" },
  "heads of 96, q8_0": { ...small, dimension: 96, positions: 270, tokens: 17, type: "q8_0" },
  "window of 27, q8_0": { ...small, positions: 600, tokens: 11, window: 27, type: "q8_0" },
  "window beyond the text": { ...small, positions: 20, tokens: 20, window: 4096 },
};

onEveryTable("attention", (level) => {
  test.each(Object.keys(shapes))("%s: close to f64", (name) => {
    useCpuLevel(level);
    const problem = new AttentionCase(space, shapes[name]!);
    const truth = problem.truth();
    // Queries and weights have 15 bits where keys and values are bytes.
    const bound = shapes[name]!.type === "q8_0" ? 1e-4 : 2e-6;
    let first: Uint32Array | undefined;
    withThreads(level, () => {
      problem.output.values.fill(NaN);
      problem.run();
      expect(distance(problem.output.values, truth)).toBeLessThan(bound);
      first ??= bits(problem.output.values);
      expect(bits(problem.output.values)).toEqual(first);
    });
    problem.cache.close();
  });

  test.each(cacheTypes)("%s: the same bits however tokens are cut", (type) => {
    for (const window of [0, 100, 300]) {
      const shape = { heads: 9, kvHeads: 3, dimension: 64, positions: 530, tokens: 40 };
      const problem = new AttentionCase(space, { ...shape, window, type });
      useCpuLevel(level);
      problem.run();
      const whole = bits(problem.output.values);
      withThreads(level, () => {
        for (const cuts of [Array(40).fill(1), [7, 1, 9, 8, 15], [39, 1], [24, 16]]) {
          problem.output.values.fill(0);
          let from = 0;
          for (const length of cuts) {
            problem.run(from, from + length);
            from += length;
          }
          expect(bits(problem.output.values)).toEqual(whole);
        }
      });
      problem.cache.close();
    }
  });

  test("scores of several hundred do not overflow, and the best key wins", () => {
    const shape = { ...small, positions: 300, tokens: 4, magnitude: 40 };
    const problem = new AttentionCase(space, shape);
    const truth = problem.truth();
    withThreads(level, () => {
      problem.run();
      // e^score turns a score's rounding (1e-7 of 1,000) into 1e-4 of a weight.
      expect(distance(problem.output.values, truth)).toBeLessThan(5e-4);
    });
    problem.cache.close();
  });

  test("keys behind the last position are not seen, whatever the cache holds", () => {
    const problem = new AttentionCase(space, { ...small, positions: 280, tokens: 20 });
    withThreads(level, () => {
      problem.run(0, 20);
      const last = problem.output.values.slice(0, problem.width);
      // The same first query again, while the positions after it hold keys of a longer text.
      problem.output.values.fill(0);
      problem.run(0, 1);
      expect(problem.output.values.slice(0, problem.width)).toEqual(last);
    });
    problem.cache.close();
  });

  test("QK^T as products, softmax, and V by the general product give the same", () => {
    const problem = new AttentionCase(space, { ...grouped, positions: 300, tokens: 1 });
    const keys = problem.shape.positions;
    const { cache } = problem;
    const group = grouped.heads / grouped.kvHeads;
    const scores = space.zeros(grouped.heads * keys);
    const attended = space.zeros(problem.width);
    const stride = cache.paddedCapacity * cache.paddedDimension * 4;
    withThreads(level, () => {
      const jobs = new StructArray("Product", grouped.kvHeads);
      for (let head = 0; head < grouped.kvHeads; head++) {
        jobs.fill(
          {
            weight: cache.keys(0) + head * stride,
            input: problem.queries.address + head * group * 64 * 4,
            output: scores.address + head * group * keys * 4,
            rows: keys,
            columns: 64,
            input_stride: 64,
            output_stride: keys,
            format: tensorTypes.F32.id,
            scale: 1 / 8,
          },
          head,
        );
      }
      products(jobs, grouped.kvHeads, group);
      softmax(scores.values, grouped.heads, keys);
      for (let head = 0; head < grouped.kvHeads; head++) {
        gemm(
          new StructArray("Gemm").fill({
            a: scores.address + head * group * keys * 4,
            b: cache.values(0) + head * stride,
            c: attended.address + head * group * 64 * 4,
            m: group,
            n: 64,
            k: keys,
            a_stride: keys,
            b_stride: 64,
            c_stride: 64,
          }),
        );
      }
      problem.run();
      expect(distance(attended.values, problem.output.values)).toBeLessThan(1e-6);
    });
    cache.close();
  });
});
