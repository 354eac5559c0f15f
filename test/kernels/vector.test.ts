// Elementwise operations and reductions at every CPU level, on every size from 0 to 70 and a large
// one, against f64.

import { expect, test } from "bun:test";
import {
  largest,
  sum,
  sumExponentials,
  type VectorOperation,
  vector,
  vectorOperations,
} from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bits, onEveryTable, random, type Tensor, withThreads, workspace } from "./machine.ts";

const space = workspace(1 << 28);
const large = 3 * 4096 * 9 + 5;
const sizes = [...Array(71).keys(), 4095, 4096, 4097, large];

const a = space.tensor(random(1, large, 6));
/** The whole range in which e^x is a normal f32. */
const wide = space.tensor(random(4, large, 87));
const b = space.tensor(random(2, large, 2));
const c = space.tensor(random(3, large, 2));
const output = space.zeros(large + 1);
const job = new StructArray("Vector");

const gelu = (x: number) =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The truth in f64, and the error allowed beside it: relative, absolute. */
const truths: Record<
  VectorOperation,
  { of: (a: number, b: number, c: number) => number; relative: number; absolute: number }
> = {
  add: { of: (a, b) => a + b, relative: 6e-8, absolute: 0 },
  multiply: { of: (a, b) => a * b, relative: 6e-8, absolute: 0 },
  scale: { of: (a) => a * 0.3125, relative: 6e-8, absolute: 0 },
  // Without FMA the product is rounded on its own.
  fma: { of: (a, b, c) => a * b + c, relative: 6e-8, absolute: 8e-7 },
  exp: { of: (a) => Math.exp(a), relative: 2.4e-7, absolute: 0 },
  sigmoid: { of: sigmoid, relative: 4e-7, absolute: 0 },
  tanh: { of: (a) => Math.tanh(a), relative: 0, absolute: 3e-7 },
  gelu: { of: gelu, relative: 2e-7, absolute: 2e-6 },
  swiglu: { of: (a, b) => a * sigmoid(a) * b, relative: 6e-7, absolute: 1e-37 },
};

function apply(operation: VectorOperation, count: number, x: Tensor = a): void {
  vector(
    job.fill({
      a: x.address,
      b: b.address,
      c: c.address,
      output: output.address,
      count,
      factor: 0.3125,
      operation: vectorOperations.indexOf(operation),
    }),
  );
}

onEveryTable("elementwise", (level) => {
  test.each(vectorOperations)("%s is within its bound of f64", (operation) => {
    const { of, relative, absolute } = truths[operation];
    const x = ["exp", "sigmoid", "tanh"].includes(operation) ? wide : a;
    withThreads(level, () => {
      for (const count of sizes) {
        output.values.fill(123, 0, count + 1);
        apply(operation, count, x);
        for (let i = 0; i < count; i++) {
          const truth = of(x.values[i]!, b.values[i]!, c.values[i]!);
          const error = Math.abs(output.values[i]! - truth);
          if (!(error <= relative * Math.abs(truth) + absolute)) {
            throw new Error(`${operation} of ${x.values[i]}: off by ${error}, element ${i}`);
          }
        }
        expect(output.values[count]).toBe(123);
      }
    });
  });

  test("an element does not depend on its place in the vector", () => {
    const shifted = space.tensor(a.values.subarray(3, 103));
    for (const operation of ["exp", "sigmoid", "tanh", "gelu"] as const) {
      withThreads(level, () => {
        apply(operation, 103);
        const whole = output.values.slice(3, 103);
        apply(operation, 100, shifted);
        expect(bits(output.values.slice(0, 100))).toEqual(bits(whole));
      });
    }
  });

  test("works in place", () => {
    withThreads(level, () => {
      const x = space.tensor([1, 2, 3]);
      const operation = vectorOperations.indexOf("add");
      const { address } = x;
      vector(
        new StructArray("Vector").fill({
          a: address,
          b: address,
          output: address,
          count: 3,
          operation,
        }),
      );
      expect([...x.values]).toEqual([2, 4, 6]);
    });
  });

  test("the ends of the number line: infinities, NaN, overflow and underflow", () => {
    const edges = [Infinity, -Infinity, NaN, 89, -88, 0, -0, 1e30, -1e30];
    const wanted: Partial<Record<VectorOperation, number[]>> = {
      exp: [Infinity, 0, NaN, Infinity, 0, 1, 1, Infinity, 0],
      sigmoid: [1, 0, NaN, 1, 0, 0.5, 0.5, 1, 0],
      tanh: [1, -1, NaN, 1, -1, 0, -0, 1, -1],
    };
    // Twice, so that they meet whole vectors and the scalar end.
    const x = space.tensor([...edges, ...edges]);
    withThreads(level, () => {
      for (const [operation, values] of Object.entries(wanted)) {
        apply(operation as VectorOperation, 18, x);
        const got = [...output.values.slice(0, 18)].map((value) => (value === 0 ? 0 : value));
        const clean = values.map((value) => (value === 0 ? 0 : value));
        for (const [i, value] of [...clean, ...clean].entries()) {
          expect([operation, i % 9, got[i]]).toEqual([
            operation,
            i % 9,
            expectNear(value, got[i]!),
          ]);
        }
      }
    });
  });

  test("sums, plain and of exponentials", () => {
    withThreads(level, () => {
      for (const count of sizes) {
        const values = a.values.subarray(0, count);
        const truth = values.reduce((total, value) => total + value, 0);
        const magnitude = values.reduce((total, value) => total + Math.abs(value), 0);
        expect(Math.abs(sum(values) - truth)).toBeLessThanOrEqual(2e-7 * magnitude);
        const wanted = values.reduce((total, value) => total + Math.exp(0.7 * (value - 2)), 0);
        expect(Math.abs(sumExponentials(values, 0.7, 2) - wanted)).toBeLessThanOrEqual(
          1e-5 * wanted,
        );
      }
    });
  });

  test("the largest is found at every place, the first of equals; NaN is passed over", () => {
    withThreads(level, () => {
      for (let place = 0; place < 70; place++) {
        const values = new Float32Array(70).fill(-5);
        values[(place + 1) % 70] = NaN;
        values[place] = -1;
        if (place > 3) values[69] = -1;
        expect(largest(values)).toBe(place);
        expect(sumExponentials(values, 1, -1)).toBeCloseTo(values.reduce(addExponential, 0), 4);
      }
      for (const value of [-Infinity, NaN]) {
        expect(largest(new Float32Array(20).fill(value))).toBe(0);
        expect(sumExponentials(new Float32Array(20).fill(value), 1, 0)).toBe(0);
      }
      for (const count of sizes) expect(largest(new Float32Array(count))).toBe(0);
    });
  });
});

function addExponential(sum: number, value: number): number {
  return Number.isNaN(value) ? sum : sum + Math.exp(value + 1);
}

/** The value itself where it is tiny but not exactly 0: e^-88 has no normal f32. */
function expectNear(wanted: number, got: number): number {
  return wanted === 0 && Math.abs(got) < 1e-37 ? got : wanted;
}
