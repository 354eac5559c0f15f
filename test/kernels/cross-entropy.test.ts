// Cross-entropy and its gradient: PyTorch's, f64's, of logits as large as f32 holds, of rows without weight,
// with the same bits for any number of threads.

import { expect, test } from "bun:test";
import { StructArray } from "../../src/native/struct.ts";
import { crossEntropy } from "../../src/native/training-kernels.ts";
import { type CrossEntropyGolden, golden, relativeDistance } from "./gradients.ts";
import { bits, distance, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace(1 << 28);
const recorded = (await golden()).crossEntropy;

type Case = Omit<CrossEntropyGolden, "losses" | "gradient"> & { readonly padding?: number };

function prepare({ rows, columns, scale, logits, targets, weights, padding = 0 }: Case) {
  const stride = columns + padding;
  const places = space.zeros(rows * stride);
  const losses = space.zeros(rows);
  const ids = Uint32Array.from(targets);
  const reset = () => {
    for (let row = 0; row < rows; row++) {
      places.values.set(logits.slice(row * columns, (row + 1) * columns), row * stride);
    }
  };
  reset();
  const job = new StructArray("CrossEntropy").fill({
    ...{ logits: places.address, targets: space.bytes(new Uint8Array(ids.buffer)) },
    ...{ weights: space.tensor(weights).address, losses: losses.address },
    ...{ rows, columns, stride, gradient: 1, scale },
  });
  const gradient = () =>
    Array.from({ length: rows }, (_, row) => [
      ...places.values.subarray(row * stride, row * stride + columns),
    ]).flat();
  return { job, losses, places, gradient, reset };
}

/** Loss and gradient of one row in f64. */
function truth(logits: number[], target: number, factor: number) {
  const highest = Math.max(...logits);
  const total = logits.reduce((sum, x) => sum + Math.exp(x - highest), 0);
  const gradient = logits.map(
    (x, i) => factor * (Math.exp(x - highest) / total - Number(i === target)),
  );
  return { loss: Math.log(total) + highest - logits[target]!, gradient };
}

onEveryTable("cross-entropy", (level) => {
  test("as PyTorch's", () => {
    const { job, losses, gradient, reset } = prepare(recorded);
    const wanted = recorded.losses.map((loss, i) => (recorded.weights[i] === 0 ? 0 : loss));
    withThreads(level, () => {
      reset();
      crossEntropy(job.set("gradient", 0));
      expect(bits(losses.values)).toEqual(bits(losses.values));
      expect(relativeDistance(losses.values, wanted)).toBeLessThan(1e-6);
      expect(gradient()).toEqual(recorded.logits.map(Math.fround));
      crossEntropy(job.set("gradient", 1));
      expect(relativeDistance(losses.values, wanted)).toBeLessThan(1e-6);
      expect(relativeDistance(gradient(), recorded.gradient)).toBeLessThan(1e-5);
    });
  });

  test("odd widths and strides within rounding of f64, the same bits for any number of threads", () => {
    for (const [rows, columns, padding] of [
      [1, 1, 0],
      [3, 5, 2],
      [2, 64, 0],
      [9, 131, 7],
      [21, 5003, 1],
    ] as const) {
      const given = {
        ...{ rows, columns, padding, scale: 0.25, logits: [...random(columns, rows * columns, 9)] },
        targets: Array.from({ length: rows }, (_, row) => (row * 7919) % columns),
        weights: Array.from({ length: rows }, (_, row) => row - 1),
      };
      const { job, losses, gradient, reset, places } = prepare(given);
      let first: Uint32Array[] | undefined;
      withThreads(level, () => {
        reset();
        crossEntropy(job);
        for (let row = 0; row < rows; row++) {
          const logits = given.logits.slice(row * columns, (row + 1) * columns);
          const wanted = truth(logits, given.targets[row]!, 0.25 * given.weights[row]!);
          if (given.weights[row] === 0) expect(losses.values[row]).toBe(0);
          else expect(Math.abs(losses.values[row]! - wanted.loss)).toBeLessThan(4e-6);
          const got = gradient().slice(row * columns, (row + 1) * columns);
          expect(distance(got, wanted.gradient)).toBeLessThan(2e-7 * rows);
        }
        const got = [bits(losses.values), bits(places.values)];
        first ??= got;
        expect(got).toEqual(first);
      });
    }
  });

  test("large and infinite logits are safe, what is no number shows in the loss", () => {
    const lines = [
      [3e38, -3e38, 0],
      [-3e38, 3e38, 0],
      [-Infinity, 1, 1],
      [Number.NaN, 1, 1],
    ];
    const { job, losses, gradient } = prepare({
      ...{ rows: 4, columns: 3, scale: 1, logits: lines.flat() },
      ...{ targets: [0, 0, 1, 1], weights: [1, 1, 1, 1] },
    });
    withThreads(level, () => crossEntropy(job.set("gradient", 0)));
    expect(losses.values[0]).toBe(0);
    expect(losses.values[1]).toBe(Infinity);
    expect(losses.values[2]).toBeCloseTo(Math.log(2), 6);
    expect(losses.values[3]).toBeNaN();
    crossEntropy(job.set("gradient", 1));
    expect(gradient().slice(0, 9)).toEqual([0, 0, 0, -1, 1, 0, 0, -0.5, 0.5]);
  });

  test("an id outside the vocabulary is refused, but not of a row without weight", () => {
    const given = { rows: 2, columns: 3, scale: 1, logits: [1, 2, 3, 4, 5, 6], targets: [1, 3] };
    expect(() => crossEntropy(prepare({ ...given, weights: [1, 1] }).job)).toThrow(
      "a token id is outside the vocabulary",
    );
    crossEntropy(prepare({ ...given, weights: [1, 0] }).job);
  });
});
