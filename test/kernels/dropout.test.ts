// Dropout: its share, its scale, one mask for forwards and backwards whatever the threads and the CPU
// level, and another mask for another seed.

import { expect, test } from "bun:test";
import { cpuLevel } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { dropout } from "../../src/native/training-kernels.ts";
import { bits, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace(1 << 27);
let mask: Uint32Array | undefined;

function prepare(rows: number, columns: number, values: ArrayLike<number>) {
  const input = space.tensor(values);
  const output = space.zeros(rows * columns);
  const places = { input: input.address, output: output.address };
  const job = new StructArray("Dropout").fill({
    ...places,
    rows,
    columns,
    seed: 2 ** 40 + 3,
    rate: 0.3,
  });
  return { input, output, job };
}

/** How two sequences of zeros and others go together: 0 where they know nothing of each other. */
function correlation(a: Float32Array, b: Float32Array, rate: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++)
    sum += (Number(a[i] === 0) - rate) * (Number(b[i] === 0) - rate);
  return sum / a.length / (rate * (1 - rate));
}

onEveryTable("dropout", (level) => {
  test("drops its share and scales the rest, the same elements on every level with any threads", () => {
    const [rows, columns] = [211, 517];
    const { input, output, job } = prepare(
      rows,
      columns,
      random(1, rows * columns).map((x) => x + 2),
    );
    withThreads(level, () => {
      output.values.fill(7);
      dropout(job);
      mask ??= bits(output.values);
      expect(bits(output.values)).toEqual(mask);
      dropout(job.set("output", input.address).set("rows", 0));
      job.fill({ output: output.address, rows });
    });
    const dropped = output.values.filter((x) => x === 0).length;
    // Five standard deviations.
    expect(Math.abs(dropped / output.values.length - 0.3)).toBeLessThan(
      5 * Math.sqrt((0.3 * 0.7) / (rows * columns)),
    );
    const factor = Math.fround(1 / Math.fround(1 - Math.fround(0.3)));
    for (let i = 0; i < 1000; i++) {
      if (output.values[i] !== 0)
        expect(output.values[i]).toBe(Math.fround(input.values[i]! * factor));
    }
    expect(cpuLevel()).toBe(level);
  });

  test("in place and backwards it is the same mask", () => {
    const { input, output, job } = prepare(
      64,
      70,
      random(2, 64 * 70).map((x) => x + 2),
    );
    dropout(job);
    dropout(job.set("output", input.address));
    expect(bits(input.values)).toEqual(bits(output.values));
  });

  test("another seed, row or column has another mask", () => {
    const [rows, columns] = [256, 256];
    const ones = new Float32Array(rows * columns).fill(1);
    const [a, b] = [prepare(rows, columns, ones), prepare(rows, columns, ones)];
    dropout(a.job);
    dropout(b.job.set("seed", 2 ** 40 + 4));
    const bound = 5 / Math.sqrt(rows * columns);
    expect(Math.abs(correlation(a.output.values, b.output.values, 0.3))).toBeLessThan(bound);
    for (const shift of [1, 2, 16, columns, columns + 1, 2 * columns]) {
      const end = rows * columns - shift;
      const moved = a.output.values.subarray(shift);
      expect(Math.abs(correlation(a.output.values.subarray(0, end), moved, 0.3))).toBeLessThan(
        bound,
      );
    }
  });

  test("a rate of 0 drops nothing; 1, NaN and less than 0 are refused", () => {
    const { input, output, job } = prepare(2, 9, random(3, 18));
    dropout(job.set("rate", 0));
    expect(bits(output.values)).toEqual(bits(input.values));
    for (const rate of [1, Number.NaN, -0.1]) {
      expect(() => dropout(job.set("rate", rate))).toThrow("the shapes do not fit");
    }
  });
});
