// One tensor of a safetensors header as the rest of the program knows tensors, for models and for
// adapters: name, type, shape and size checked alike.

import type { SafetensorsEntry } from "./safetensors-header.ts";
import { checkTensorName, modelError, type TensorInfo, tensorBytes } from "./tensor-table.ts";
import { type TensorTypeName, tensorTypes } from "./tensor-type.ts";

/** One tensor of a safetensors file under its own name; refuses types other than F32, F16, BF16. */
export function safetensorsTensor(
  path: string,
  source: SafetensorsEntry,
  index: number,
): TensorInfo {
  const { name, dtype, shape, offset, byteLength } = source;
  checkTensorName(path, name, index);
  if (dtype !== "F32" && dtype !== "F16" && dtype !== "BF16") {
    throw modelError(
      path,
      `tensor ${name} has type ${dtype}; only F32, F16 and BF16 are supported`,
    );
  }
  const type = tensorTypes[dtype satisfies TensorTypeName];
  tensorBytes(path, name, type, shape);
  const where = { offset, byteLength, file: 0, transposed: false };
  return { name, sourceName: name, type, shape, ...where };
}
