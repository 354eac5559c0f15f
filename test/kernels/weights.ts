// Weight matrices for the tests of products and embeddings: finite values in every block format.

import {
  type TensorType,
  type TensorTypeName,
  tensorTypes,
} from "../../src/formats/tensor-type.ts";
import { dequantize } from "../../src/native/kernels.ts";
import type { Address } from "../../src/native/memory.ts";
import { numbers, type Workspace } from "./machine.ts";

export const typeNames = Object.keys(tensorTypes) as TensorTypeName[];

/** Where a block keeps its f16 scales. Random bits there would be infinite now and then. */
const scaleOffsets: Partial<Record<TensorTypeName, number[]>> = {
  Q4_0: [0],
  Q4_1: [0, 2],
  Q5_0: [0],
  Q5_1: [0, 2],
  Q8_0: [0],
  Q2_K: [80, 82],
  Q3_K: [108],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
};

export interface WeightMatrix {
  readonly type: TensorType;
  readonly rows: number;
  readonly columns: number;
  readonly address: Address;
  readonly rowBytes: number;
  /** The same as f32, [rows, columns]. */
  readonly values: Float32Array;
}

/** A random matrix [rows, columns]; columns is a multiple of the type's block. */
export function weightMatrix(
  space: Workspace,
  name: TensorTypeName,
  rows: number,
  columns: number,
): WeightMatrix {
  const type = tensorTypes[name];
  const rowBytes = (columns / type.blockSize) * type.blockBytes;
  const bytes = new Uint8Array(rows * rowBytes);
  const next = numbers(rows * 7919 + columns);
  if (name === "F32")
    new Float32Array(bytes.buffer).set(Array.from({ length: rows * columns }, next));
  else fill(bytes, name, type, next);
  const address = space.bytes(bytes);
  const values = dequantize(type, bytes, rows * columns);
  return { type, rows, columns, address, rowBytes, values };
}

function fill(bytes: Uint8Array, name: TensorTypeName, type: TensorType, next: () => number): void {
  const view = new DataView(bytes.buffer);
  const byte = () => ((next() + 1) * 128) & 0xff;
  for (let at = 0; at < bytes.length; at++) bytes[at] = byte();
  if (name === "F16" || name === "BF16") {
    // 0.5 up to 1 with either sign.
    const exponent = name === "F16" ? 0x3800 : 0x3f00;
    const fraction = name === "F16" ? 0x83ff : 0x807f;
    for (let at = 0; at < bytes.length; at += 2) {
      view.setUint16(at, (view.getUint16(at, true) & fraction) | exponent, true);
    }
    return;
  }
  for (let block = 0; block < bytes.length; block += type.blockBytes) {
    for (const offset of scaleOffsets[name]!) {
      const small = 0x2000 | byte();
      view.setUint16(block + offset, small, true);
    }
  }
}

/** Widths of rows to test: tails, more than one piece of 1,024, and the panels' limits. */
export function widths(name: TensorTypeName): number[] {
  const { blockSize } = tensorTypes[name];
  if (blockSize === 1) return [1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 64, 70, 1023, 1025, 2049];
  if (blockSize === 32) return [32, 96, 992, 1056, 4128];
  return [256, 768, 1280, 4352, 8448];
}
