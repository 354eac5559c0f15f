// Rotary embedding of rows by positions of their own: PyTorch's values and gradients, the bits of the
// kernel for inference, and back again.

import { expect, test } from "bun:test";
import { rope } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { rotaryRows } from "../../src/native/training-kernels.ts";
import { golden, type RotaryGolden, relativeDistance } from "./gradients.ts";
import {
  bits,
  distance,
  onEveryTable,
  random,
  type Tensor,
  withThreads,
  workspace,
} from "./machine.ts";

const space = workspace(1 << 26);
const recorded = (await golden()).rotary;

type Case = Pick<RotaryGolden, "rows" | "heads" | "dimension" | "rotary" | "capacity" | "halves">;

function prepare(given: Case, positions: number[], cosines: Tensor, sines: Tensor, stride: number) {
  const values = space.zeros(given.rows * stride);
  const job = new StructArray("RotaryRows").fill({
    ...{ values: values.address, cosines: cosines.address, sines: sines.address, stride },
    positions: space.bytes(new Uint8Array(Uint32Array.from(positions).buffer)),
    ...{ rows: given.rows, heads: given.heads, head_dim: given.dimension },
    ...{ rotary: given.rotary, halves: given.halves, capacity: given.capacity },
  });
  return { values, job };
}

onEveryTable("rotary embedding by rows", (level) => {
  test.each(recorded)("as PyTorch's, halves $halves", (given) => {
    const stride = given.heads * given.dimension;
    const tables = [space.tensor(given.cosines), space.tensor(given.sines)] as const;
    const { values, job } = prepare(given, given.positions, ...tables, stride);
    withThreads(level, () => {
      values.values.set(given.input);
      rotaryRows(job.set("inverse", 0));
      expect(relativeDistance(values.values, given.output)).toBeLessThan(1e-6);
      values.values.set(given.outputGradient);
      rotaryRows(job.set("inverse", 1));
      expect(relativeDistance(values.values, given.inputGradient)).toBeLessThan(1e-6);
    });
  });

  test.each([0, 1])("halves %p: the bits of inference, and back where it began", (halves) => {
    for (const [rows, heads, dimension, rotary, padding] of [
      [5, 3, 20, 20, 1],
      [70, 9, 64, 64, 0],
      [6, 2, 64, 34, 9],
    ] as const) {
      const stride = heads * dimension + padding;
      const capacity = rows + 3;
      const angles = random(4, (capacity * rotary) / 2, 3);
      const tables = [
        space.tensor(angles.map(Math.cos)),
        space.tensor(angles.map(Math.sin)),
      ] as const;
      const shape = { rows, heads, dimension, rotary, capacity, halves };
      const positions = Array.from({ length: rows }, (_, row) => row + 3);
      const { values, job } = prepare(shape, positions, ...tables, stride);
      const source = random(5, rows * stride);
      const forInference = space.tensor(source);
      rope(
        new StructArray("Rope").fill({
          ...{ values: forInference.address, cosines: tables[0].address, sines: tables[1].address },
          ...{
            tokens: rows,
            heads,
            head_dim: dimension,
            rotary,
            position: 3,
            stride,
            halves,
            capacity,
          },
        }),
      );
      withThreads(level, () => {
        values.values.set(source);
        rotaryRows(job.set("inverse", 0));
        expect(bits(values.values)).toEqual(bits(forInference.values));
        rotaryRows(job.set("inverse", 1));
        expect(distance(values.values, source)).toBeLessThan(1e-6);
      });
    }
  });

  test("a position that the tables do not have is refused", () => {
    const table = space.zeros(8);
    const shape = { rows: 2, heads: 1, dimension: 4, rotary: 4, capacity: 4, halves: 0 };
    rotaryRows(prepare(shape, [3, 0], table, table, 4).job);
    expect(() => rotaryRows(prepare(shape, [0, 4], table, table, 4).job)).toThrow(
      "the shapes do not fit",
    );
  });
});
