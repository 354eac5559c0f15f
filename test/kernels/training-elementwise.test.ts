// The steps of training that go value by value or column by column, against f64: odd sizes, every table,
// any number of threads.

import { expect, test } from "bun:test";
import { vector, vectorOperations } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import {
  activationGradient,
  activations,
  adamw,
  addBias,
  biasGradient,
  embeddingGradient,
  sumOfSquares,
  weightedSum,
} from "../../src/native/training-kernels.ts";
import { bits, distance, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace(1 << 28);
// The last ones are shared between threads, at places that are not the ends of vectors.
const counts = [1, 7, 16, 33, 4096, 70_001];
const shapes: [rows: number, columns: number][] = [
  [1, 1],
  [3, 7],
  [65, 33],
  [64, 129],
  [700, 257],
];

/** Runs with 1, 2 and 3 threads from the same start; the result must be the same to the bit. */
function onceForEachThread(
  level: Parameters<typeof withThreads>[0],
  result: Float32Array,
  start: Float32Array,
  run: () => void,
) {
  let first: Uint32Array | undefined;
  withThreads(level, () => {
    result.set(start);
    run();
    first ??= bits(result);
    expect(bits(result)).toEqual(first);
  });
}

onEveryTable("elementwise steps of training", (level) => {
  test.each(shapes)("a bias over [%p, %p], and its gradient", (rows, columns) => {
    const stride = columns + 2;
    const given = random(rows, rows * stride);
    const values = space.tensor(given);
    const bias = space.tensor(random(columns, columns));
    const before = bias.values.slice();
    const places = { values: values.address, bias: bias.address };
    const job = new StructArray("Bias").fill({ ...places, rows, columns, stride });
    onceForEachThread(level, values.values, given, () => addBias(job));
    const wanted = given.map((x, i) =>
      i % stride < columns ? x + before[i % stride]! : given[i]!,
    );
    expect(distance(values.values, wanted)).toBe(0);

    values.values.set(given);
    onceForEachThread(level, bias.values, before, () => biasGradient(job));
    const sums = Float64Array.from(before);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) sums[j]! += given[i * stride + j]!;
    }
    expect(distance(bias.values, sums)).toBeLessThan(1e-6 * (1 + rows / 8));
  });

  test.each(counts)("activations of %p and their gradients", (count) => {
    const [gate, up, gradient] = [8, 1, 2].map((scale) => random(scale, count, scale));
    const [x, y, dh, dx, dy] = [gate!, up!, gradient!, gate!, up!].map((t) => space.tensor(t));
    for (const [activation, name] of activations.entries()) {
      const job = new StructArray("ActivationGradient").fill({
        ...{ gate: x!.address, up: y!.address, output_gradient: dh!.address },
        ...{ gate_gradient: dx!.address, up_gradient: dy!.address, count, activation },
      });
      onceForEachThread(level, dx!.values, gate!, () => activationGradient(job));
      const slope = { swiglu: siluSlope, gelu: geluSlope }[name];
      const wanted = gate!.map(
        (v, i) => gradient![i]! * slope(v) * (name === "swiglu" ? up![i]! : 1),
      );
      expect(distance(dx!.values, wanted)).toBeLessThan(3e-6);
      if (name === "swiglu") {
        const second = gate!.map((v, i) => (gradient![i]! * v) / (1 + Math.exp(-v)));
        expect(distance(dy!.values, second)).toBeLessThan(6e-6);
      }
      // In place of what it reads.
      const apart = bits(dx!.values);
      dx!.values.set(gate!);
      activationGradient(job.fill({ gate: dx!.address, up_gradient: dh!.address }));
      expect(bits(dx!.values)).toEqual(apart);
      dh!.values.set(gradient!);
    }
  });

  test("slopes are those of what vector() computes", () => {
    withThreads(level, () => {
      const x = space.tensor([-3, -0.5, 0, 0.25, 2, 5]);
      const [moved, out, ones] = [space.zeros(6), space.zeros(12), space.tensor(Array(6).fill(1))];
      const operation = vectorOperations.indexOf("gelu");
      [0, 1].forEach((side) => {
        moved.values.set(x.values.map((v) => v + (side - 0.5) / 64));
        const places = { a: moved.address, output: out.address + side * 24 };
        vector(new StructArray("Vector").fill({ ...places, count: 6, operation }));
      });
      const difference = x.values.map((_, i) => (out.values[6 + i]! - out.values[i]!) * 64);
      activationGradient(
        new StructArray("ActivationGradient").fill({
          ...{ gate: x.address, output_gradient: ones.address, gate_gradient: moved.address },
          ...{ count: 6, activation: activations.indexOf("gelu") },
        }),
      );
      expect(distance(moved.values, difference)).toBeLessThan(2e-4);
    });
  });

  test.each(shapes)("gradient of a table from %p rows of %p", (count, columns) => {
    const rows = 11;
    const ids = Uint32Array.from({ length: count }, (_, i) => (i * i + 3) % rows);
    const source = space.tensor(random(count, count * columns));
    const before = random(columns, rows * columns);
    const gradient = space.tensor(before);
    const job = new StructArray("EmbeddingGradient");
    job.fill({ source: source.address, gradient: gradient.address, rows, columns });
    onceForEachThread(level, gradient.values, before, () => embeddingGradient(job, ids));
    const wanted = before.slice();
    ids.forEach((id, i) => {
      for (let j = 0; j < columns; j++)
        wanted[id * columns + j]! += source.values[i * columns + j]!;
    });
    expect(bits(gradient.values)).toEqual(bits(wanted));
    ids[0] = rows;
    expect(() => embeddingGradient(job, ids)).toThrow("outside the vocabulary");
  });

  test.each(counts)("a step of AdamW over %p values", (count) => {
    const [gradient, first, before] = [1, 2, 3].map((seed) => random(seed, count));
    const second = random(4, count).map(Math.abs);
    const [g, m, v, w] = [gradient!, first!, second, before!].map((t) => space.tensor(t));
    const options = {
      ...{ gradient_scale: 0.25, first_weight: 0.1, beta2: 0.95 },
      ...{ second_weight: 0.05, epsilon: 1e-8, keep: 0.99, step_size: 0.01, root_factor: 1.5 },
    };
    const places = { values: w!.address, gradient: g!.address, first: m!.address };
    const job = new StructArray("AdamW");
    job.fill({ ...places, second: v!.address, count, ...options });
    onceForEachThread(level, w!.values, before!, () => {
      m!.values.set(first!);
      v!.values.set(second);
      adamw(job);
    });
    const means = first!.map((x, i) => 0.9 * x + 0.1 * gradient![i]! * 0.25);
    const squares = second.map((x, i) => 0.95 * x + 0.05 * (gradient![i]! * 0.25) ** 2);
    expect(distance(m!.values, means)).toBeLessThan(2e-7);
    expect(distance(v!.values, squares)).toBeLessThan(2e-7);
    const wanted = before!.map(
      (x, i) => x * 0.99 - (0.01 * means[i]!) / (1.5 * Math.sqrt(squares[i]!) + 1e-8),
    );
    expect(distance(w!.values, wanted)).toBeLessThan(1e-6);
  });

  test.each(counts)("weighted sums and squares of %p values", (count) => {
    const [a, b] = [1, 2].map((seed) => space.tensor(random(seed, count)));
    const places = { a: a!.address, b: b!.address, output: b!.address };
    const job = new StructArray("WeightedSum");
    job.fill({ ...places, count, a_weight: 3, b_weight: -0.5 });
    const before = b!.values.slice();
    onceForEachThread(level, b!.values, before, () => weightedSum(job));
    expect(
      distance(
        b!.values,
        before.map((x, i) => 3 * a!.values[i]! - 0.5 * x),
      ),
    ).toBeLessThan(4e-7);
    const squares = a!.values.reduce((sum, x) => sum + x * x, 0);
    let found: number | undefined;
    withThreads(level, () => {
      found ??= sumOfSquares(a!.address, count);
      expect(sumOfSquares(a!.address, count)).toBe(found);
    });
    expect(Math.abs(found! / squares - 1)).toBeLessThan(1e-12);
  });

  test("squares that f32 cannot hold or would lose", () => {
    const values = space.tensor([1e30, 1, -1e-30]);
    expect(sumOfSquares(values.address, 3)).toBe(Math.fround(1e30) ** 2);
    expect(sumOfSquares(values.address + 4, 1)).toBe(1);
    values.values[0] = Number.NaN;
    expect(sumOfSquares(values.address, 3)).toBeNaN();
  });
});

function siluSlope(x: number): number {
  const sigmoid = 1 / (1 + Math.exp(-x));
  return sigmoid * (1 + x * (1 - sigmoid));
}

function geluSlope(x: number): number {
  const factor = Math.sqrt(2 / Math.PI);
  const t = Math.tanh(factor * (x + 0.044715 * x ** 3));
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * factor * (1 + 3 * 0.044715 * x * x);
}
