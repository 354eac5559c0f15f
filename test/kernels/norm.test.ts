// RMSNorm and LayerNorm on odd widths against f64; a row has the same bits wherever it stands.

import { expect, test } from "bun:test";
import { norm } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bits, distance, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace(1 << 28);
const job = new StructArray("Norm");
const epsilon = 1e-5;
const widths = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 70, 576, 2049];

function truth(x: Float32Array, weight: Float32Array, bias: Float32Array | undefined): number[] {
  const mean = bias === undefined ? 0 : x.reduce((a, v) => a + v, 0) / x.length;
  const variance = x.reduce((a, v) => a + (v - mean) ** 2, 0) / x.length;
  const factor = 1 / Math.sqrt(variance + epsilon);
  return Array.from(x, (v, i) => (v - mean) * factor * weight[i]! + (bias?.[i] ?? 0));
}

onEveryTable("norm", (level) => {
  test.each([false, true])("LayerNorm %p: odd widths against f64", (layered) => {
    for (const columns of widths) {
      // Enough rows that the large widths are shared between threads.
      const rows = 19;
      const input = space.tensor(random(columns, rows * columns, 3).map((x) => x + 0.5));
      const weight = space.tensor(random(7, columns));
      const bias = space.tensor(random(8, columns));
      const output = space.zeros(rows * columns);
      const places = {
        input: input.address,
        weight: weight.address,
        bias: layered ? bias.address : 0,
        output: output.address,
      };
      const wanted = Array.from({ length: rows }, (_, i) =>
        truth(
          input.values.subarray(i * columns, (i + 1) * columns),
          weight.values,
          layered ? bias.values : undefined,
        ),
      ).flat();
      let first: Uint32Array | undefined;
      withThreads(level, () => {
        output.values.fill(0);
        norm(job.fill({ ...places, rows, columns, epsilon }));
        expect(distance(output.values, wanted)).toBeLessThan(4e-6);
        first ??= bits(output.values);
        expect(bits(output.values)).toEqual(first);
        norm(job.fill({ ...places, input: input.address + 4 * columns, rows: 1 }));
        expect(bits(output.values.slice(0, columns))).toEqual(first.slice(columns, 2 * columns));
      });
    }
  });

  test("works in place, of zeros and of no rows", () => {
    withThreads(level, () => {
      const x = space.tensor([1, 2, 3]);
      const one = space.tensor([1, 1, 1]);
      const places = { input: x.address, weight: one.address, bias: 0, output: x.address };
      norm(job.fill({ ...places, rows: 0, columns: 3, epsilon }));
      expect([...x.values]).toEqual([1, 2, 3]);
      norm(job.fill({ ...places, rows: 1, columns: 3, epsilon }));
      expect(
        distance(x.values, truth(Float32Array.of(1, 2, 3), one.values, undefined)),
      ).toBeLessThan(1e-6);
      const zeros = space.zeros(3);
      norm(job.fill({ ...places, input: zeros.address, output: zeros.address, rows: 1 }));
      expect([...zeros.values]).toEqual([0, 0, 0]);
    });
  });
});
