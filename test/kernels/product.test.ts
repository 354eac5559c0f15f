// Products with every type of weights against f64 on the dequantised values, and their bits: an
// output does not depend on the inputs beside it, on the threads, or on how rows are cut.

import { expect, test } from "bun:test";
import { products, useCpuLevel, useThreads } from "../../src/native/kernels.ts";
import { type Address, bytesAt } from "../../src/native/memory.ts";
import { type FieldName, StructArray } from "../../src/native/struct.ts";
import { bits, onEveryTable, random, type Tensor, withThreads, workspace } from "./machine.ts";
import { typeNames, type WeightMatrix, weightMatrix, widths } from "./weights.ts";

const space = workspace();
const batches = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 40];

type Fields = Partial<Record<FieldName<"Product">, number>>;

/** The job of one product from `input` to `output`, both packed unless `fields` say otherwise. */
function fill(
  jobs: StructArray<"Product">,
  index: number,
  { address, type, rows, columns }: WeightMatrix,
  places: { input: Address; output: Address },
  fields: Fields = {},
): void {
  const strides = { input_stride: columns, output_stride: rows };
  const shape = { weight: address, rows, columns, format: type.id, ...strides };
  jobs.fill({ ...shape, ...places, bias: 0, accumulate: 0, scale: 1, ...fields }, index);
}

function run(
  weights: WeightMatrix,
  places: { input: Address; output: Address },
  inputs: number,
  fields: Fields = {},
): void {
  const jobs = new StructArray("Product");
  fill(jobs, 0, weights, places, fields);
  products(jobs, 1, inputs);
}

/** Throws where an output is further from f64 than rounding explains: 2e-6 of sum |w x|. */
function expectClose(weights: WeightMatrix, input: Tensor, output: Tensor, inputs: number): void {
  const { rows, columns, values } = weights;
  for (let i = 0; i < inputs; i++) {
    for (let row = 0; row < rows; row++) {
      let truth = 0;
      let magnitude = 0;
      for (let k = 0; k < columns; k++) {
        const term = values[row * columns + k]! * input.values[i * columns + k]!;
        truth += term;
        magnitude += Math.abs(term);
      }
      const error = Math.abs(output.values[i * rows + row]! - truth);
      if (!(error <= 2e-6 * magnitude)) {
        const place = `${weights.type.name} [${rows}, ${columns}] input ${i} row ${row}`;
        throw new Error(`${place}: off by ${error} of ${magnitude}`);
      }
    }
  }
}

onEveryTable("product", (level) => {
  test.each(typeNames)("%s weights: close to f64, the same bits in any batch", (name) => {
    for (const columns of widths(name)) {
      const rows = columns > 4000 ? 21 : 37;
      const weights = weightMatrix(space, name, rows, columns);
      const input = space.tensor(random(5, 40 * columns));
      const whole = space.zeros(40 * rows);
      const part = space.zeros(40 * rows);
      useCpuLevel(level);
      useThreads(1);
      run(weights, { input: input.address, output: whole.address }, 40);
      expectClose(weights, input, whole, 40);
      for (const inputs of columns > 1000 ? [1, 3, 4, 6, 13] : batches) {
        part.values.fill(-1);
        run(weights, { input: input.address, output: part.address }, inputs);
        const length = inputs * rows;
        expect(bits(part.values.subarray(0, length))).toEqual(
          bits(whole.values.subarray(0, length)),
        );
        expect(part.values[length] ?? -1).toBe(-1);
      }
    }
  });

  test("F32 rows of every width from 1 to 70, every odd number of rows", () => {
    for (let columns = 1; columns <= 70; columns++) {
      const weights = weightMatrix(space, "F32", 1 + (columns % 9), columns);
      const input = space.tensor(random(columns, 7 * columns));
      const output = space.zeros(7 * weights.rows);
      withThreads(level, () => {
        for (const inputs of [1, 2, 7]) {
          run(weights, { input: input.address, output: output.address }, inputs);
          expectClose(weights, input, output, inputs);
        }
      });
    }
  });

  test("the same bits with any number of threads and any cut of the rows", () => {
    for (const name of ["F32", "F16", "Q4_1", "Q6_K"] as const) {
      const [rows, columns] = [403, 1280];
      const weights = weightMatrix(space, name, rows, columns);
      const input = space.tensor(random(9, 9 * columns));
      const output = space.zeros(9 * rows);
      const wanted = new Map<number, Uint32Array>();
      withThreads(level, () => {
        for (const inputs of [1, 4, 9]) {
          output.values.fill(0);
          run(weights, { input: input.address, output: output.address }, inputs);
          const first = wanted.get(inputs) ?? bits(output.values);
          wanted.set(inputs, first);
          expect(bits(output.values)).toEqual(first);
          output.values.fill(0);
          for (const [from, to] of [
            [0, 1],
            [1, 30],
            [30, 173],
            [173, rows],
          ] as const) {
            const cut = {
              ...weights,
              rows: to - from,
              address: weights.address + from * weights.rowBytes,
            };
            const places = { input: input.address, output: output.address + from * 4 };
            run(cut, places, inputs, { output_stride: rows });
          }
          expect(bits(output.values)).toEqual(first);
        }
      });
    }
  });

  test("bias, scale and accumulation: output += scale * (W x + bias)", () => {
    const [rows, columns] = [13, 96];
    for (const name of ["F32", "Q8_0"] as const) {
      const weights = weightMatrix(space, name, rows, columns);
      const input = space.tensor(random(3, 6 * columns));
      const bias = space.tensor(random(4, rows));
      const plain = space.zeros(6 * rows);
      const output = space.zeros(6 * rows);
      withThreads(level, () => {
        for (const inputs of [1, 6]) {
          run(weights, { input: input.address, output: plain.address }, inputs);
          output.values.fill(10);
          const fields = { bias: bias.address, scale: 0.5, accumulate: 1 };
          run(weights, { input: input.address, output: output.address }, inputs, fields);
          for (let i = 0; i < inputs * rows; i++) {
            const wanted = 10 + 0.5 * (plain.values[i]! + bias.values[i % rows]!);
            expect(output.values[i]).toBeCloseTo(wanted, 4);
          }
        }
      });
    }
  });

  test("strides: rows of inputs and outputs with room between them, which stays as it was", () => {
    const [rows, columns] = [5, 33];
    const weights = weightMatrix(space, "F16", rows, columns);
    const packed = space.tensor(random(6, 7 * columns));
    const apart = space.zeros(7 * 50);
    for (let i = 0; i < 7; i++) {
      apart.values.fill(NaN, i * 50, i * 50 + 50);
      apart.values.set(packed.values.subarray(i * columns, (i + 1) * columns), i * 50);
    }
    const wanted = space.zeros(7 * rows);
    const output = space.zeros(7 * 8);
    withThreads(level, () => {
      run(weights, { input: packed.address, output: wanted.address }, 7);
      output.values.fill(77);
      const strides = { input_stride: 50, output_stride: 8 };
      run(weights, { input: apart.address, output: output.address }, 7, strides);
      for (let i = 0; i < 7; i++) {
        const row = output.values.slice(i * 8, i * 8 + 8);
        expect(row.slice(0, 5)).toEqual(wanted.values.slice(i * 5, i * 5 + 5));
        expect([...row.slice(5)]).toEqual([77, 77, 77]);
      }
    });
  });

  test("eight products of different types and shapes in one step", () => {
    const shapes = [1, 7, 16, 33, 64, 100, 129, 300];
    const jobs = new StructArray("Product", 8);
    const input = space.tensor(random(8, 5 * 256));
    const single = space.zeros(5 * 300);
    const together = shapes.map((rows, i) => {
      const weights = weightMatrix(space, typeNames[i + 5]!, rows, 256);
      const output = space.zeros(5 * rows);
      fill(jobs, i, weights, { input: input.address, output: output.address });
      return { weights, output };
    });
    withThreads(level, () => {
      for (const inputs of [1, 5]) {
        products(jobs, 8, inputs);
        for (const { weights, output } of together) {
          run(weights, { input: input.address, output: single.address }, inputs);
          const length = inputs * weights.rows;
          expect(output.values.slice(0, length)).toEqual(single.values.slice(0, length));
        }
      }
    });
  });

  test("blocks at an odd address, as GGUF allows", () => {
    const weights = weightMatrix(space, "Q4_0", 9, 64);
    const size = 9 * weights.rowBytes;
    const copy = space.arena.allocate(size + 1) + 1;
    bytesAt(copy, size).set(bytesAt(weights.address, size));
    const input = space.tensor(random(2, 64));
    const [wanted, output] = [space.zeros(9), space.zeros(9)];
    withThreads(level, () => {
      run(weights, { input: input.address, output: wanted.address }, 1);
      run({ ...weights, address: copy }, { input: input.address, output: output.address }, 1);
      expect(output.values).toEqual(wanted.values);
    });
  });
});
