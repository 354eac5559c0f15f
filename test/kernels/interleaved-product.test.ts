// Products of f32 and f16 weights interleaved by 16 rows: close to f64, the same bits in any batch
// and with any number of threads, alone and where they follow another product.

import { expect, test } from "bun:test";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { interleave, layouts, products } from "../../src/native/kernels.ts";
import { bytesAt } from "../../src/native/memory.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bits, distance, onEveryTable, random, withThreads, workspace } from "./machine.ts";
import { type WeightMatrix, weightMatrix } from "./weights.ts";

const space = workspace(1 << 26);
const interleaved = layouts.indexOf("interleaved");
const shapes = [
  [16, 576],
  [1000, 16],
  [37, 1],
  [5, 65],
] as const;
const inputs = 11;

/** The same weights, interleaved. */
function rearranged({ address, type, rows, columns }: WeightMatrix): number {
  const padded = Math.ceil(rows / 16) * 16 * columns;
  const place = space.arena.allocate(padded * type.blockBytes);
  const Elements = type === tensorTypes.F16 ? Uint16Array : Uint32Array;
  const source = new Elements(bytesAt(address, rows * columns * type.blockBytes).slice().buffer);
  const target = new Elements(bytesAt(place, padded * type.blockBytes).buffer as ArrayBuffer);
  interleave(source as Uint16Array, [rows, columns], target as Uint16Array);
  return place;
}

function job(matrix: WeightMatrix, input: number, output: number): StructArray<"Product"> {
  const { rows, columns, type } = matrix;
  return new StructArray("Product").fill({
    ...{ weight: rearranged(matrix), input, output, rows, columns, format: type.id },
    ...{ input_stride: columns, output_stride: rows, scale: 1, layout: interleaved },
  });
}

function truth({ values, rows, columns }: WeightMatrix, input: Float32Array): number[] {
  return Array.from({ length: inputs * rows }, (_, at) => {
    const [i, row] = [Math.floor(at / rows), at % rows];
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += values[row * columns + k]! * input[i * columns + k]!;
    return sum;
  });
}

onEveryTable("product of interleaved weights", (level) => {
  test.each(["F32", "F16"] as const)("%s: close to f64, the same bits in any batch", (name) => {
    for (const [rows, columns] of shapes) {
      const matrix = weightMatrix(space, name, rows, columns);
      const input = space.tensor(random(columns, inputs * columns));
      const output = space.zeros(inputs * rows);
      const step = job(matrix, input.address, output.address);
      const wanted = truth(matrix, input.values);
      let first: Uint32Array | undefined;
      withThreads(level, () => {
        output.values.fill(9);
        products(step, 1, inputs);
        expect(distance(output.values, wanted)).toBeLessThan(1e-5 * Math.sqrt(columns) * 4);
        first ??= bits(output.values);
        expect(bits(output.values)).toEqual(first);
        for (const count of [1, 2, 5]) {
          output.values.fill(9);
          products(step, 1, count);
          expect(bits(output.values.subarray(0, count * rows))).toEqual(
            first.slice(0, count * rows),
          );
        }
      });
    }
  });

  test("following another, it adds to the same rows", () => {
    const [rows, columns] = [1000, 16];
    const base = weightMatrix(space, "Q8_0", rows, 64);
    const low = weightMatrix(space, "F16", rows, columns);
    const wide = space.tensor(random(4, inputs * 64));
    const narrow = space.tensor(random(5, inputs * columns));
    const output = space.zeros(inputs * rows);
    const main = new StructArray("Product").fill({
      ...{ weight: base.address, input: wide.address, output: output.address, rows, columns: 64 },
      ...{ input_stride: 64, output_stride: rows, scale: 1, format: base.type.id },
    });
    const next = job(low, narrow.address, output.address).fill({ accumulate: 1, scale: 0.5 });
    withThreads(level, () => {
      products(main.fill({ next: 0, next_count: 0 }), 1, inputs);
      products(next, 1, inputs);
      const apart = bits(output.values);
      products(main.point("next", next).set("next_count", 1), 1, inputs);
      expect(bits(output.values)).toEqual(apart);
    });
  });
});
