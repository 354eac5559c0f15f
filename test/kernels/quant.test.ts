// Block formats through the C ABI: values to the bit of the gguf package, at every CPU level that
// this machine has (golden/quant/make.py).

import { afterAll, describe, expect, test } from "bun:test";
import { type TensorTypeName, tensorTypes } from "../../src/formats/tensor-type.ts";
import { cpuLevel, cpuLevels, dequantize, useCpuLevel } from "../../src/native/kernels.ts";
import { skipped } from "../data.ts";
import { comparable, floats, golden, sha256, states } from "./quant-golden.ts";

const best = cpuLevel();
const levels = cpuLevels.slice(0, cpuLevels.indexOf(best) + 1);
for (const level of cpuLevels) {
  if (!levels.includes(level)) skipped(`dequantisation at the level ${level}: not this CPU`);
}
afterAll(() => useCpuLevel(best));

/** Every pattern of the 16-bit formats; random blocks of the others, any bits as scales. */
function blocks(name: TensorTypeName): Uint8Array {
  if (name === "F16" || name === "BF16") {
    return new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);
  }
  const size = golden.blocks * tensorTypes[name].blockBytes;
  return Uint8Array.from(states(golden.seed, size), (state) => state >>> 24);
}

describe.each(levels)("dequantise at the level %s", (level) => {
  const names = Object.keys(tensorTypes) as TensorTypeName[];
  test.each(names)("%s gives the bits of the gguf package", (name) => {
    useCpuLevel(level);
    const expected = golden.dequantize[name];
    const source = blocks(name);
    // At an odd address: blocks of 18 or 210 bytes are seldom aligned. The ABI wants F32 aligned.
    const shift = name === "F32" ? 4 : 1;
    const shifted = new Uint8Array(source.length + shift).subarray(shift);
    shifted.set(source);
    const bits = comparable(dequantize(tensorTypes[name], shifted, expected.count));
    const first = new Uint32Array(floats(expected.first).buffer as ArrayBuffer);
    expect(bits.slice(0, first.length)).toEqual(first);
    expect(sha256(bits)).toBe(expected.sha256);
  });
});
