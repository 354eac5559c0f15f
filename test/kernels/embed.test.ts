// Rows of an embedding in every type: the values of the dequantiser, in the order of the ids.

import { expect, test } from "bun:test";
import { CromwellError } from "../../src/errors.ts";
import { embed, useCpuLevel } from "../../src/native/kernels.ts";
import { onEveryTable, workspace } from "./machine.ts";
import { typeNames, weightMatrix } from "./weights.ts";

const space = workspace(1 << 26);

onEveryTable("embedding", (level) => {
  test.each(typeNames)("%s rows", (name) => {
    useCpuLevel(level);
    const [rows, columns] = [11, 512];
    const table = weightMatrix(space, name, rows, columns);
    const ids = Uint32Array.of(10, 0, 3, 3, 7);
    const output = space.zeros((ids.length + 1) * columns);
    output.values.fill(-9);
    embed(table.type, table.address, [rows, columns], ids, output.address);
    ids.forEach((id, i) => {
      const row = output.values.slice(i * columns, (i + 1) * columns);
      expect(row).toEqual(table.values.slice(id * columns, (id + 1) * columns));
    });
    expect(output.values[ids.length * columns]).toBe(-9);
  });

  test("an id outside the table is refused before anything is written", () => {
    useCpuLevel(level);
    const table = weightMatrix(space, "F32", 4, 8);
    const output = space.zeros(16);
    for (const bad of [4, 0xffff_ffff]) {
      const call = () =>
        embed(table.type, table.address, [4, 8], Uint32Array.of(1, bad), output.address);
      expect(call).toThrow("embed F32 [4, 8], 2 ids: a token id is outside the vocabulary");
      expect(call).toThrow(CromwellError);
    }
    expect([...output.values]).toEqual(Array(16).fill(0));
  });

  test("no ids are nothing to do", () => {
    const table = weightMatrix(space, "F32", 4, 8);
    embed(table.type, table.address, [4, 8], new Uint32Array(0), space.zeros(1).address);
  });
});
