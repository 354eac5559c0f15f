// Products with a matrix in bf16 against f64 sums of what bf16 keeps: odd sizes, strides, sums into what
// is there, matrices packed either way, any threads.

import { expect, test } from "bun:test";
import { StructArray } from "../../src/native/struct.ts";
import {
  bf16Pack,
  bf16Product,
  bf16Size,
  hasNativeBf16,
} from "../../src/native/training-kernels.ts";
import { bits, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace();

/** The nearest bf16, ties to even. */
function kept(x: number): number {
  const word = new Uint32Array(Float32Array.of(x).buffer);
  word[0] = (word[0]! + 0x7fff + ((word[0]! >>> 16) & 1)) & 0xffff_0000;
  return new Float32Array(word.buffer)[0]!;
}

/** Packs B [k][n] from there, or from [n][k]. */
function packed(source: Float32Array, [k, n]: [number, number], transposed: 0 | 1): number {
  const at = space.tensor(source).address;
  const output = space.arena.allocate(bf16Size(k, n));
  const stride = transposed ? k : n;
  bf16Pack(new StructArray("Bf16Matrix").fill({ source: at, output, k, n, stride, transposed }));
  return output;
}

const shapes: [m: number, n: number, k: number][] = [
  [1, 1, 1],
  [1, 300, 7],
  [300, 1, 9],
  [13, 31, 70],
  [37, 65, 257],
  [97, 33, 1025],
  [400, 20, 30],
  [3, 600, 260],
  [25, 100, 4301],
];

onEveryTable("bf16 product", (level) => {
  test.each(shapes)("[%p x k] x [k x %p], k = %p", (m, n, k) => {
    const padding = 3;
    const a = random(m + k, m * k).map((x, i) => (i % 7 === 0 ? x * 1000 : x));
    const b = random(n + k + 1, k * n);
    const turned = b.map((_, i) => b[(i % k) * n + Math.floor(i / k)]!);
    const rows = space.zeros(m * (k + padding));
    for (let i = 0; i < m; i++) {
      rows.values.set(a.subarray(i * k, (i + 1) * k), i * (k + padding));
    }
    const c = space.zeros(m * (n + padding));
    for (const accumulate of [0, 1]) {
      let plain: Uint32Array | undefined;
      withThreads(level, () => {
        const matrices = [packed(b, [k, n], 0), packed(turned, [k, n], 1)];
        for (const matrix of matrices) {
          c.values.fill(5);
          const job = new StructArray("Bf16Product").fill({
            ...{ a: rows.address, b: matrix, c: c.address, m, n, k, accumulate },
            ...{ a_stride: k + padding, c_stride: n + padding },
          });
          bf16Product(job);
          plain ??= bits(c.values);
          expect(Bun.deepEquals(bits(c.values), plain)).toBe(true);
        }
      });
      const [left, right] = [a.map(kept), b.map(kept)];
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let truth = accumulate ? 5 : 0;
          let magnitude = truth;
          for (let p = 0; p < k; p++) {
            const term = left[i * k + p]! * right[p * n + j]!;
            truth += term;
            magnitude += Math.abs(term);
          }
          const got = c.values[i * (n + padding) + j]!;
          if (Math.abs(got - truth) <= 2e-6 * magnitude) continue;
          throw new Error(`at ${i}, ${j}: ${got} instead of ${truth}`);
        }
      }
      expect(c.values.every((x, i) => i % (n + padding) < n || x === 5)).toBe(true);
    }
  });

  test("only the highest level has instructions for it", () => {
    withThreads(level, () => {
      if (level !== "avx512") expect(hasNativeBf16()).toBe(false);
    });
  });

  test("NaN and infinity stay", () => {
    withThreads(level, () => {
      const a = space.tensor([Number.NaN, 1, Number.POSITIVE_INFINITY, 1]);
      const c = space.zeros(2);
      const shape = { m: 2, n: 1, k: 2, a_stride: 2, c_stride: 1, accumulate: 0 };
      const b = packed(Float32Array.of(1, 1), [2, 1], 0);
      const job = { a: a.address, b, c: c.address, ...shape };
      bf16Product(new StructArray("Bf16Product").fill(job));
      expect([...c.values]).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
    });
  });
});
