// Which type each tensor gets for a type asked of the whole model: the rules of llama.cpp's
// llama-quantize with its default options, so that equal inputs give equal files.

import { type TensorType, type TensorTypeName, tensorTypes } from "./tensor-type.ts";

/** What `convert` can be asked for, with llama.cpp's number for `general.file_type`. */
export const fileTypes = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q8_0: 7,
  BF16: 32,
} as const satisfies Partial<Record<TensorTypeName, number>>;

export type FileType = keyof typeof fileTypes;

export function isFileType(name: string): name is FileType {
  return Object.hasOwn(fileTypes, name);
}

interface Shaped {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
}

/** Norms, biases, positions and whatever is no matrix stay as they are. */
export function isConvertible({ name, shape }: Shaped): boolean {
  const dimensions = shape.length - shape.findIndex((size) => size > 1);
  const isMatrix = shape.some((size) => size > 1) && dimensions >= 2;
  const kept = ["position_embd.weight", "token_types.weight"];
  return (
    isMatrix &&
    name.endsWith("weight") &&
    !name.includes("_norm.weight") &&
    !name.includes("ffn_gate_inp.weight") &&
    !kept.includes(name)
  );
}

/**
 * The type of `tensor` in a model of type `wanted`. The output matrix, or the embedding where it
 * serves as one (`tied`), is kept better: Q6_K instead of Q4; rows that are no multiple of a type's
 * block fall back to a finer one.
 */
export function targetType(tensor: Shaped, wanted: FileType, tied: boolean): TensorType {
  if (!isConvertible(tensor)) return tensor.type;
  const type: TensorType = tensorTypes[wanted];
  if (type.blockSize === 1) return type;
  const columns = tensor.shape.at(-1)!;
  const fits = (candidate: TensorType) => columns % candidate.blockSize === 0;
  const isOutput = tensor.name === (tied ? "token_embd.weight" : "output.weight");
  const best = isOutput && wanted !== "Q8_0" && fits(type) ? tensorTypes.Q6_K : type;
  const candidates: TensorType[] = [best, best === type && !isOutput ? type : tensorTypes.Q8_0];
  return candidates.find(fits) ?? tensorTypes.F16;
}

/** llama.cpp's order of tensors: those of no layer first, then layer by layer, each by name. */
export function compareTensorNames(a: string, b: string): number {
  const layer = (name: string) => Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? -1);
  return layer(a) - layer(b) || Buffer.compare(Buffer.from(a), Buffer.from(b));
}
