// A product made in several calls has the bits of one.

import { afterAll, expect, test } from "bun:test";
import { drawKey, uniform } from "../../src/model/draw.ts";
import { Arena } from "../../src/native/memory.ts";
import { multiply } from "../../src/training/multiply.ts";

const arena = new Arena(1 << 24);
afterAll(() => arena.close());

function matrix(name: string, count: number) {
  const { address, values } = arena.floats(count);
  const key = drawKey(name);
  for (let i = 0; i < count; i++) values[i] = uniform(key, i);
  return { address, values };
}

test.each([
  [300, 70, 45],
  [70, 300, 45],
  [129, 129, 8],
  [1, 200, 33],
])("%p x %p, %p deep: in parts of rows or of columns, transposed or not", async (m, n, k) => {
  for (const [a_transposed, b_transposed] of [
    [0, 0],
    [0, 1],
    [1, 0],
  ] as const) {
    const [a, b] = [matrix("a", m * k), matrix("b", n * k)];
    const results: Float32Array[] = [];
    for (const most of [1e12, (m * n * k) / 3, 1]) {
      const c = matrix("c", m * (n + 2));
      await multiply(
        undefined,
        {
          ...{ a: a.address, a_stride: a_transposed ? m : k, a_transposed },
          ...{ b: b.address, b_stride: b_transposed ? k : n, b_transposed },
          ...{ c: c.address, c_stride: n + 2, accumulate: 1, m, n, k },
        },
        most,
      );
      results.push(c.values.slice());
    }
    expect(results[1]).toEqual(results[0]!);
    expect(results[2]).toEqual(results[0]!);
    const at = (row: number, column: number) => {
      let sum = uniform(drawKey("c"), row * (n + 2) + column);
      for (let i = 0; i < k; i++) {
        const x = a.values[a_transposed ? i * m + row : row * k + i]!;
        sum += x * b.values[b_transposed ? column * k + i : i * n + column]!;
      }
      return sum;
    };
    expect(results[2]![(m - 1) * (n + 2) + n - 1]).toBeCloseTo(at(m - 1, n - 1), 4);
  }
});
