// The general f32 product against f64: odd sizes, single rows and columns, low ranks, strides, transposed
// factors, sums into what is there, any threads.

import { expect, test } from "bun:test";
import { gemm } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bits, onEveryTable, random, type Tensor, withThreads, workspace } from "./machine.ts";

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
  [130, 16, 300],
  [130, 150, 16],
  // More than is packed at once.
  [400, 20, 30],
  [1, 1100, 4300],
];

/** Which factor is transposed, and whether the product is added to what is there. */
const ways = [0, 1].flatMap((accumulate) =>
  [false, true].flatMap((a) => [false, true].map((b) => [a, b, accumulate] as const)),
);

/** A matrix as the job reads it: row by row, or column by column where it is transposed. */
interface Factor extends Tensor {
  readonly stride: number;
  readonly transposed: boolean;
}

/** Those of "a", "b" and "c" that were asked for: the same for every table. */
const made = new Map<string, Factor>();

function factor(name: string, rows: number, columns: number, padding: number, transposed = false) {
  const key = [name, rows, columns, padding, transposed].join();
  const known = made.get(key);
  if (known !== undefined) return known;
  const [count, length] = transposed ? [columns, rows] : [rows, columns];
  const stride = length + padding;
  const { address, values } = space.zeros(count * stride);
  const given = random(rows + columns, rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      values[transposed ? j * stride + i : i * stride + j] = given[i * columns + j]!;
    }
  }
  const fresh: Factor = { address, values, stride, transposed };
  made.set(key, fresh);
  return fresh;
}

function element({ values, stride, transposed }: Factor, row: number, column: number): number {
  return values[transposed ? column * stride + row : row * stride + column]!;
}

/** Throws where the product is further from f64 than rounding explains. */
function compare(
  a: Factor,
  b: Factor,
  k: number,
  c: Factor,
  [m, n]: [number, number],
  base: number,
) {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let truth = base;
      let magnitude = base;
      for (let p = 0; p < k; p++) {
        const term = element(a, i, p) * element(b, p, j);
        truth += term;
        magnitude += Math.abs(term);
      }
      const got = element(c, i, j);
      if (!(Math.abs(got - truth) <= 2e-6 * magnitude)) {
        throw new Error(`[${m}, ${n}, ${k}] at ${i}, ${j}: ${got} instead of ${truth}`);
      }
    }
  }
}

onEveryTable("gemm", (level) => {
  test.each(shapes)("[%p x k] x [k x %p], k = %p", (m, n, k) => {
    for (const padding of [0, 3]) {
      const c = factor("c", m, n, padding);
      const plain: Record<number, Uint32Array> = {};
      for (const [aTransposed, bTransposed, accumulate] of ways) {
        const a = factor("a", m, k, padding, aTransposed);
        const b = factor("b", k, n, 2 * padding, bTransposed);
        const job = new StructArray("Gemm").fill({
          ...{ a: a.address, b: b.address, c: c.address, m, n, k },
          ...{ a_stride: a.stride, b_stride: b.stride, c_stride: c.stride },
          ...{ a_transposed: Number(aTransposed), b_transposed: Number(bTransposed), accumulate },
        });
        withThreads(level, () => {
          c.values.fill(5);
          gemm(job);
          // However the factors lie and many threads there are, the same bits.
          plain[accumulate] ??= bits(c.values);
          expect(Bun.deepEquals(bits(c.values), plain[accumulate])).toBe(true);
        });
        if (!aTransposed && !bTransposed) compare(a, b, k, c, [m, n], accumulate === 1 ? 5 : 0);
        const beside = c.values.filter((_, i) => i % c.stride >= n);
        expect(beside.every((x) => x === 5)).toBe(true);
      }
    }
  });

  test("k = 0 gives zeros, or adds nothing", () => {
    const values = space.tensor([1, 2, 3, 4]);
    const { address } = values;
    withThreads(level, () => {
      values.values.fill(1);
      const shape = { m: 2, n: 2, k: 0, a_stride: 2, b_stride: 2, c_stride: 2 };
      const job = new StructArray("Gemm").fill({ a: address, b: address, c: address, ...shape });
      gemm(job.set("accumulate", 1));
      expect([...values.values]).toEqual([1, 1, 1, 1]);
      gemm(job.set("accumulate", 0));
      expect([...values.values]).toEqual([0, 0, 0, 0]);
    });
  });
});
