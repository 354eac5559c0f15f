// Stored tiles outlive the program that wrote them: where the same weights give other bytes, the
// layout's version must be another one too, or the next start would compute with nonsense.

import { expect, test } from "bun:test";
import { type TensorTypeName, tensorTypes } from "../../src/formats/tensor-type.ts";
import { repack, repackSize, tileLayout, useCpuLevel } from "../../src/native/kernels.ts";
import { Arena, bytesAt } from "../../src/native/memory.ts";
import { onEveryTable } from "./machine.ts";

const types = [
  "Q4_0",
  "Q4_1",
  "Q5_0",
  "Q5_1",
  "Q8_0",
  "Q4_K",
  "Q5_K",
  "Q6_K",
] as const satisfies readonly TensorTypeName[];

/** Two tiles, the second one not full. */
const rows = 20;
const columns = 512;

/** SHA-256 of the tiles of the same blocks in each type. Any bytes are blocks of some weights. */
function fingerprint(): string {
  const arena = new Arena(1 << 20);
  const hash = new Bun.CryptoHasher("sha256");
  for (const name of types) {
    const type = tensorTypes[name];
    const source = arena.allocate((rows * columns * type.blockBytes) / type.blockSize);
    const blocks = bytesAt(source, (rows * columns * type.blockBytes) / type.blockSize);
    for (let i = 0; i < blocks.length; i++) blocks[i] = Math.imul(i + 1, 0x9e3779b1) >>> 24;
    const size = repackSize(type, rows, columns);
    const tiles = arena.allocate(size);
    repack(type, source, [rows, columns], tiles);
    hash.update(bytesAt(tiles, size));
  }
  arena.close();
  return hash.digest("hex").slice(0, 16);
}

onEveryTable("the layout of tiles", (level) => {
  test("has a version of its own", () => {
    useCpuLevel(level);
    // Another fingerprint: raise layout_version in kernels/quant/tiles.zig, and note both here.
    expect([tileLayout(), fingerprint()]).toEqual([2, "731e98cc889d78da"]);
  });
});
