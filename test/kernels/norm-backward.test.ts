// Gradients of RMSNorm and LayerNorm: PyTorch's, those of differences in f64, the same bits with any
// number of threads, added where they are to be added.

import { expect, test } from "bun:test";
import { StructArray } from "../../src/native/struct.ts";
import { normBackward } from "../../src/native/training-kernels.ts";
import { differences, dot, golden, relativeDistance } from "./gradients.ts";
import { bits, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace(1 << 28);
const recorded = await golden();
const epsilon = 1e-5;

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly layered: number;
  readonly input: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
  readonly gradient: ArrayLike<number>;
}

/** Places for a case's tensors, and the job on them. */
function prepare({ rows, columns, layered, input, weight, gradient }: Case) {
  const tensors = {
    input: space.tensor(input),
    weight: space.tensor(weight),
    output_gradient: space.tensor(gradient),
    input_gradient: space.zeros(rows * columns),
    weight_gradient: space.zeros(columns),
    bias_gradient: space.zeros(columns),
  };
  const job = new StructArray("NormBackward").fill({ rows, columns, layered, epsilon });
  for (const [name, tensor] of Object.entries(tensors)) {
    job.set(name as keyof typeof tensors, tensor.address);
  }
  return {
    job,
    dx: tensors.input_gradient,
    dw: tensors.weight_gradient,
    db: tensors.bias_gradient,
  };
}

function made(rows: number, columns: number, layered: number): Case {
  return {
    ...{ rows, columns, layered, weight: random(2, columns) },
    ...{
      input: random(1, rows * columns).map((x) => x + 0.5),
      gradient: random(3, rows * columns),
    },
  };
}

/** The norm without bias, in f64. */
function forward(x: ArrayLike<number>, weight: ArrayLike<number>, layered: number): number[] {
  const n = weight.length;
  const output: number[] = [];
  for (let at = 0; at < x.length; at += n) {
    const row = Array.from({ length: n }, (_, i) => x[at + i]!);
    const mean = layered ? row.reduce((a, v) => a + v, 0) / n : 0;
    const variance = row.reduce((a, v) => a + (v - mean) ** 2, 0) / n;
    output.push(...row.map((v, i) => ((v - mean) / Math.sqrt(variance + epsilon)) * weight[i]!));
  }
  return output;
}

onEveryTable("gradient of a norm", (level) => {
  test.each(recorded.norms)("as PyTorch's, layered $layered", (given) => {
    const { job, dx, dw, db } = prepare({ ...given, gradient: given.outputGradient });
    withThreads(level, () => {
      for (const sums of [dw, db]) sums.values.fill(0);
      normBackward(job);
      expect(relativeDistance(dx.values, given.inputGradient)).toBeLessThan(1e-5);
      expect(relativeDistance(dw.values, given.weightGradient)).toBeLessThan(1e-5);
      if (given.layered === 0) return;
      expect(relativeDistance(db.values, given.biasGradient)).toBeLessThan(1e-5);
    });
  });

  test.each([0, 1])("as differences in f64, layered %p", (layered) => {
    for (const columns of [1, 3, 8, 17, 33]) {
      const given = made(3, columns, layered);
      const { job, dx, dw } = prepare(given);
      withThreads(level, () => {
        dw.values.fill(0);
        normBackward(job);
        const byInput = (x: Float64Array) => dot(forward(x, given.weight, layered), given.gradient);
        const byWeight = (w: Float64Array) => dot(forward(given.input, w, layered), given.gradient);
        // One column has no gradient at all but rounding.
        const wanted = differences(byInput, given.input);
        const largest = Math.max(1e-2, ...wanted.map(Math.abs));
        const off = dx.values.map((value, i) => value - wanted[i]!);
        expect(Math.max(...off.map(Math.abs)) / largest).toBeLessThan(1e-4);
        expect(
          Math.max(
            ...dw.values.map((value, i) =>
              Math.abs(value - differences(byWeight, given.weight)[i]!),
            ),
          ),
        ).toBeLessThan(1e-4);
      });
    }
  });

  test.each([0, 1])("the same bits for any number of threads, layered %p", (layered) => {
    for (const [rows, columns] of [
      [1, 1],
      [33, 70],
      [700, 129],
      [16_500, 3],
    ] as const) {
      const { job, dx, dw, db } = prepare(made(rows, columns, layered));
      let first: Uint32Array[] | undefined;
      withThreads(level, () => {
        for (const sums of [dw, db]) sums.values.fill(0);
        normBackward(job);
        const got = [dx, dw, db].map((tensor) => bits(tensor.values));
        first ??= got;
        expect(got).toEqual(first);
      });
    }
  });

  test("adds to what is there, leaves out what is not wanted, and works in place", () => {
    const given = made(40, 21, 1);
    const { job, dx, dw, db } = prepare(given);
    normBackward(job);
    const once = [dx, dw, db].map((tensor) => tensor.values.slice());
    normBackward(job.set("accumulate", 1));
    [dx, dw, db].forEach((tensor, i) => {
      expect(
        relativeDistance(
          tensor.values,
          once[i]!.map((x) => 2 * x),
        ),
      ).toBeLessThan(1e-6);
    });
    const frozen = prepare(given);
    normBackward(frozen.job.fill({ weight_gradient: 0, bias_gradient: 0 }));
    expect(bits(frozen.dx.values)).toEqual(bits(once[0]!));
    normBackward(frozen.job.set("input_gradient", frozen.job.get("output_gradient")));
    const place = frozen.job.get("output_gradient");
    const sums = prepare(given);
    normBackward(sums.job.fill({ input_gradient: 0, input: place }));
    expect(bits(sums.dx.values)).toEqual(new Uint32Array(40 * 21));
    normBackward(job.set("rows", 0));
  });
});
