// The table of a model's tensors and the checks that both formats share: shapes, sizes, names, and
// that every tensor lies inside its file without touching another.

import { CromwellError } from "../errors.ts";
import { type TensorType, tensorTypeById } from "./tensor-type.ts";

export interface TensorInfo {
  /** GGUF's name ("blk.0.attn_q.weight"). */
  readonly name: string;
  /** The name in the file, where it is another one (safetensors). */
  readonly sourceName: string;
  readonly type: TensorType;
  /** Row-major, outermost first: [rows, columns] of a matrix. */
  readonly shape: readonly number[];
  /** Absolute, in bytes, in the file `files[file]`. */
  readonly offset: number;
  readonly byteLength: number;
  readonly file: number;
  /** The file stores the matrix as [columns, rows] (GPT-2's Conv1D in safetensors). */
  readonly transposed: boolean;
}

export const dimensionsMax = 4;
const nameBytesMax = 256;

/** GGML's types that this program cannot read, by id, so that an error can name them. */
const unsupportedNames: Record<number, string> = {
  9: "Q8_1",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  24: "I8",
  25: "I16",
  26: "I32",
  27: "I64",
  28: "F64",
  29: "IQ1_M",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
};

export function modelError(path: string, what: string): CromwellError {
  return new CromwellError("model", `${path}: ${what}`);
}

/** The tensor type with GGML's id `id`, or an error that names the type and the tensor. */
export function requireTensorType(path: string, tensor: string, id: number): TensorType {
  const type = tensorTypeById(id);
  if (type !== undefined) return type;
  const name = unsupportedNames[id];
  const shown = name === undefined ? `${id}, which is unknown` : `${id} (${name}), not supported`;
  throw modelError(path, `tensor ${tensor} has type ${shown}`);
}

/** The tensor of a name and shape that a model must have. Throws CromwellError "model". */
export function requiredTensor(
  { path, tensors }: { readonly path: string; readonly tensors: ReadonlyMap<string, TensorInfo> },
  name: string,
  shape: readonly number[],
): TensorInfo {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw modelError(path, `tensor ${name} is missing`);
  if (tensor.shape.length !== shape.length || tensor.shape.some((n, i) => n !== shape[i])) {
    const found = `has shape [${tensor.shape}] where the metadata asks for [${shape}]`;
    throw modelError(path, `tensor ${name} ${found}`);
  }
  return tensor;
}

/** A name that can be printed on one line: 1 to 256 bytes of UTF-8, no control characters. */
export function checkTensorName(path: string, name: string, index: number): void {
  if (name.length === 0) throw modelError(path, `tensor ${index} has no name`);
  if (Buffer.byteLength(name) > nameBytesMax) {
    throw modelError(path, `the name of tensor ${index} is longer than ${nameBytesMax} bytes`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a terminal
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) {
    throw modelError(path, `the name of tensor ${index} holds control characters`);
  }
}

/** Elements of a tensor of this shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, dimension) => count * dimension, 1);
}

/** Bytes that a tensor of this shape and type takes; refuses what cannot be stored. */
export function tensorBytes(
  path: string,
  tensor: string,
  type: TensorType,
  shape: readonly number[],
): number {
  if (shape.length === 0 || shape.length > dimensionsMax) {
    throw modelError(
      path,
      `tensor ${tensor} has ${shape.length} dimensions, not 1 to ${dimensionsMax}`,
    );
  }
  let count = 1;
  for (const dimension of shape) {
    if (dimension === 0) throw modelError(path, `tensor ${tensor} has a dimension of size 0`);
    count *= dimension;
    if (!Number.isSafeInteger(count * type.blockBytes)) {
      throw modelError(path, `tensor ${tensor} has more elements than any file can hold`);
    }
  }
  const columns = shape[shape.length - 1]!;
  if (columns % type.blockSize !== 0) {
    throw modelError(
      path,
      `tensor ${tensor} has rows of ${columns}, not a multiple of ${type.name}'s block of ${type.blockSize}`,
    );
  }
  return (count / type.blockSize) * type.blockBytes;
}

/** Refuses two tensors that share a byte of one file; `tensors` in any order. */
export function checkOverlap(path: string, tensors: Iterable<TensorInfo>): void {
  const ordered = [...tensors].sort((a, b) => a.file - b.file || a.offset - b.offset);
  for (let i = 1; i < ordered.length; i++) {
    const before = ordered[i - 1]!;
    const here = ordered[i]!;
    if (before.file === here.file && before.offset + before.byteLength > here.offset) {
      throw modelError(path, `tensors ${before.name} and ${here.name} overlap in the file`);
    }
  }
}
