// Products of repacked weights: each weight in its place to the last bit of the input's rounding,
// close to f64, and the same bits in any batch, with any number of threads and any cut of the rows.

import { expect, test } from "bun:test";
import { type TensorTypeName, tensorTypes } from "../../src/formats/tensor-type.ts";
import {
  layouts,
  products,
  repack,
  repackSize,
  useCpuLevel,
  useThreads,
} from "../../src/native/kernels.ts";
import type { Address } from "../../src/native/memory.ts";
import { type FieldName, StructArray } from "../../src/native/struct.ts";
import { bits, onEveryTable, random, type Tensor, withThreads, workspace } from "./machine.ts";
import { type WeightMatrix, weightMatrix } from "./weights.ts";

const space = workspace();
const names = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"] as const;
const batches = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 24, 40];

type Fields = Partial<Record<FieldName<"Product">, number>>;

interface Tiles extends WeightMatrix {
  readonly tiles: Address;
}

function tiled(name: TensorTypeName, rows: number, columns: number): Tiles {
  const matrix = weightMatrix(space, name, rows, columns);
  const tiles = space.arena.allocate(repackSize(matrix.type, rows, columns));
  repack(matrix.type, matrix.address, [rows, columns], tiles);
  return { ...matrix, tiles };
}

function run(
  { tiles, type, rows, columns }: Tiles,
  places: { input: Address; output: Address },
  inputs: number,
  fields: Fields = {},
): void {
  const jobs = new StructArray("Product");
  const strides = { input_stride: columns, output_stride: rows };
  const shape = { weight: tiles, rows, columns, format: type.id, ...strides };
  jobs.fill({ ...shape, ...places, scale: 1, layout: layouts.indexOf("tiles"), ...fields });
  products(jobs, 1, inputs);
}

/** The widest that a group of 32 goes, more than one piece of 256, and its remainders. */
function widths(name: TensorTypeName): number[] {
  return tensorTypes[name].blockSize === 32 ? [32, 96, 256, 288, 992] : [256, 768];
}

/** Half a step of inputs up to 1 that are rounded to fifteen bits, and to eight. */
const halfStep = { exact: 1 / 32_500, coarse: 1 / 253 };

/** Throws where an output is further from f64 than rounding inputs by at most `rounding` explains. */
function expectClose(
  weights: Tiles,
  input: Tensor,
  output: Tensor,
  inputs: number,
  rounding = halfStep.exact,
): void {
  const { rows, columns, values } = weights;
  for (let i = 0; i < inputs; i++) {
    for (let row = 0; row < rows; row++) {
      let truth = 0;
      let bound = 0;
      for (let k = 0; k < columns; k++) {
        const weight = values[row * columns + k]!;
        truth += weight * input.values[i * columns + k]!;
        bound += Math.abs(weight) * rounding;
      }
      const error = Math.abs(output.values[i * rows + row]! - truth);
      if (!(error <= bound)) throw new Error(`input ${i} row ${row}: off by ${error} > ${bound}`);
    }
  }
}

onEveryTable("product of tiles", (level) => {
  test.each(names)("%s: every weight is where it belongs, exactly", (name) => {
    useCpuLevel(level);
    const columns = 256;
    const weights = tiled(name, 19, columns);
    // One element of each input is not zero, so an output is one weight.
    const input = space.zeros(columns * columns);
    for (let k = 0; k < columns; k++) input.values[k * columns + k] = 32767;
    const output = space.zeros(columns * 19);
    for (const inputs of [1, columns]) {
      for (let first = 0; first < columns; first += inputs) {
        const places = {
          input: input.address + first * columns * 4,
          output: output.address + first * 19 * 4,
        };
        run(weights, places, inputs);
      }
      for (let k = 0; k < columns; k++) {
        for (let row = 0; row < 19; row++) {
          const wanted = weights.values[row * columns + k]! * 32767;
          const got = output.values[k * 19 + row]!;
          // A group's scale and minimum meet in f32: a few units of the largest weight.
          expect(Math.abs(got - wanted)).toBeLessThan(
            32767 * 2 ** -17 * (1 + Math.abs(wanted) / 32767),
          );
        }
      }
      output.values.fill(0);
    }
  });

  test.each(names)("%s: close to f64, the same bits in any batch", (name) => {
    // Some of the random blocks stand out at 1.72 times the root mean square.
    for (const coarseBelow of [0, 1.72, 1e9])
      for (const columns of widths(name)) {
        const fields = { coarse_below: coarseBelow };
        const rounding = coarseBelow === 0 ? halfStep.exact : halfStep.coarse;
        const rows = 37;
        const weights = tiled(name, rows, columns);
        const input = space.tensor(random(5, 40 * columns));
        const whole = space.zeros(40 * rows);
        const part = space.zeros(40 * rows);
        useCpuLevel(level);
        useThreads(1);
        run(weights, { input: input.address, output: whole.address }, 40, fields);
        expectClose(weights, input, whole, 40, rounding);
        for (const inputs of batches) {
          part.values.fill(-1);
          run(weights, { input: input.address, output: part.address }, inputs, fields);
          const length = inputs * rows;
          expect(bits(part.values.subarray(0, length))).toEqual(
            bits(whole.values.subarray(0, length)),
          );
          expect(part.values[length] ?? -1).toBe(-1);
        }
      }
  });

  test("the same bits with any number of threads, and in batches beyond what stays in cache", () => {
    for (const name of ["Q4_0", "Q6_K"] as const) {
      const [rows, columns] = [403, 1280];
      const weights = tiled(name, rows, columns);
      const input = space.tensor(random(9, 300 * columns));
      const output = space.zeros(300 * rows);
      const wanted = new Map<number, Uint32Array>();
      withThreads(level, () => {
        for (const inputs of [1, 4, 300]) {
          output.values.fill(0);
          run(weights, { input: input.address, output: output.address }, inputs);
          const got = bits(output.values.subarray(0, rows));
          for (const [earlier, first] of wanted) {
            if (earlier !== inputs) expect(got).toEqual(first.subarray(0, rows));
          }
          const all = bits(output.values);
          expect(all).toEqual(wanted.get(inputs) ?? all);
          wanted.set(inputs, all);
        }
      });
    }
  });

  test("bias, scale, accumulation and strides: output += scale * (W x + bias)", () => {
    const [rows, columns] = [21, 96];
    const weights = tiled("Q8_0", rows, columns);
    const input = space.tensor(random(3, 6 * 100));
    const bias = space.tensor(random(4, rows));
    const plain = space.zeros(6 * rows);
    const output = space.zeros(6 * 30);
    withThreads(level, () => {
      for (const inputs of [1, 6]) {
        const places = { input: input.address, output: plain.address };
        run(weights, places, inputs, { input_stride: 100 });
        output.values.fill(10);
        const steps = { input_stride: 100, output_stride: 30 };
        const fields = { bias: bias.address, scale: 0.5, accumulate: 1, ...steps };
        run(weights, { input: input.address, output: output.address }, inputs, fields);
        for (let i = 0; i < inputs; i++) {
          for (let row = 0; row < 30; row++) {
            const sum = row < rows ? 0.5 * (plain.values[i * rows + row]! + bias.values[row]!) : 0;
            expect(output.values[i * 30 + row]).toBeCloseTo(10 + sum, 4);
          }
        }
      }
    });
  });

  test("products that share an input, and products in rows, in one step", () => {
    const columns = 256;
    const input = space.tensor(random(8, 5 * columns));
    const other = space.tensor(random(9, 5 * columns));
    const made = names.map((name, i) => ({
      weights: tiled(name, 16 * i + 5, columns),
      output: space.zeros(5 * (16 * i + 5)),
      source: i % 3 === 0 ? other : input,
    }));
    const jobs = new StructArray("Product", made.length);
    made.forEach(({ weights, output, source }, i) => {
      const { rows, type } = weights;
      const layout = i === 4 ? "rows" : "tiles";
      jobs.fill(
        {
          weight: layout === "rows" ? weights.address : weights.tiles,
          input: source.address,
          output: output.address,
          rows,
          columns,
          input_stride: columns,
          output_stride: rows,
          format: type.id,
          scale: 1,
          layout: layouts.indexOf(layout),
        },
        i,
      );
    });
    withThreads(level, () => {
      for (const { output } of made) output.values.fill(-1);
      products(jobs, made.length, 5);
      for (const { weights, output, source } of made) expectClose(weights, source, output, 5);
    });
  });

  test("an input that is not a number reaches every output of its own", () => {
    const weights = tiled("Q4_0", 16, 64);
    const input = space.tensor(random(2, 2 * 64));
    input.values[70] = Number.POSITIVE_INFINITY;
    const output = space.zeros(2 * 16);
    useCpuLevel(level);
    run(weights, { input: input.address, output: output.address }, 2);
    expect(output.values.subarray(0, 16).every(Number.isFinite)).toBe(true);
    expect(output.values.subarray(16).every(Number.isNaN)).toBe(true);
  });
});

test("tiles are refused where they cannot be", () => {
  const weights = tiled("Q4_0", 16, 64);
  const output = space.zeros(16);
  const places = { input: output.address, output: output.address };
  const wrong = (fields: Fields) => () => run(weights, places, 1, fields);
  expect(wrong({ weight: weights.tiles + 32 })).toThrow("not aligned");
  expect(wrong({ format: tensorTypes.F16.id })).toThrow("element type");
  expect(wrong({ layout: 2 })).toThrow("element type");
  expect(repackSize(tensorTypes.F16, 16, 64)).toBe(0);
  expect(repackSize(tensorTypes.Q4_K, 16, 64)).toBe(0);
  const { type, address, tiles } = weights;
  expect(() => repack(type, address, [16, 33], tiles)).toThrow("do not fit");
  expect(() => repack(type, address, [16, 64], tiles + 4)).toThrow("not aligned");
  expect(() => repack(tensorTypes.F32, address, [16, 64], tiles)).toThrow("element type");
});
