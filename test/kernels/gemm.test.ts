// The general f32 product against f64: odd sizes, single rows and columns, strides, any threads.

import { expect, test } from "bun:test";
import { gemm } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bits, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace();
const shapes: [m: number, n: number, k: number][] = [
  [1, 1, 1],
  [1, 300, 7],
  [300, 1, 9],
  [1, 1, 700],
  [2, 3, 4],
  [5, 17, 33],
  [8, 8, 8],
  [13, 31, 70],
  [37, 65, 257],
  [101, 129, 100],
  [97, 33, 513],
  [3, 600, 260],
];

onEveryTable("gemm", (level) => {
  test.each(shapes)("[%p x k] x [k x %p], k = %p", (m, n, k) => {
    for (const padding of [0, 3]) {
      const [a, b, c] = [k + padding, n + 2 * padding, n + padding];
      const left = space.tensor(random(m, m * a));
      const right = space.tensor(random(n, k * b));
      const result = space.zeros(m * c);
      const job = new StructArray("Gemm").fill({
        a: left.address,
        b: right.address,
        c: result.address,
        m,
        n,
        k,
        a_stride: a,
        b_stride: b,
        c_stride: c,
      });
      let first: Uint32Array | undefined;
      withThreads(level, () => {
        result.values.fill(5);
        gemm(job);
        first ??= bits(result.values);
        expect(bits(result.values)).toEqual(first);
      });
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < c; j++) {
          const got = result.values[i * c + j]!;
          if (j >= n) {
            expect(got).toBe(5);
            continue;
          }
          let truth = 0;
          let magnitude = 0;
          for (let p = 0; p < k; p++) {
            const term = left.values[i * a + p]! * right.values[p * b + j]!;
            truth += term;
            magnitude += Math.abs(term);
          }
          if (!(Math.abs(got - truth) <= 2e-6 * magnitude)) {
            throw new Error(`[${m}, ${n}, ${k}] at ${i}, ${j}: ${got} instead of ${truth}`);
          }
        }
      }
    }
  });

  test("k = 0 gives zeros", () => {
    const values = space.tensor([1, 2, 3, 4]);
    const { address } = values;
    withThreads(level, () => {
      values.values.fill(1);
      const shape = { m: 2, n: 2, k: 0, a_stride: 2, b_stride: 2, c_stride: 2 };
      gemm(new StructArray("Gemm").fill({ a: address, b: address, c: address, ...shape }));
      expect([...values.values]).toEqual([0, 0, 0, 0]);
    });
  });
});
