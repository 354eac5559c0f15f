// The two orders in which weights lie: GGUF permutes the rows of llama's q and k within each head
// (RoPE then turns neighbours, not halves), and Hugging Face stores GPT-2's matrices transposed.

import type { ModelFile, RowOrder } from "./model-view.ts";
import { modelError, type TensorInfo } from "./tensor-table.ts";

/**
 * For each row of one head in the wanted order, the row of the other order. Hugging Face has the
 * head's two halves one after the other, GGUF takes a row from each in turn.
 */
export function headPermutation(headSize: number, to: RowOrder): Uint32Array {
  const half = headSize / 2;
  return Uint32Array.from({ length: headSize }, (_, row) => {
    if (to === "gguf") return (row % 2) * half + (row >> 1);
    return row < half ? 2 * row : 2 * (row - half) + 1;
  });
}

/** Rows of `rowBytes` bytes, whole heads of them, each head's rows in the order of `permutation`. */
export function permuteHeads(
  bytes: Uint8Array,
  rowBytes: number,
  permutation: Uint32Array,
): Uint8Array {
  const permuted = new Uint8Array(bytes.length);
  const headBytes = permutation.length * rowBytes;
  for (let head = 0; head < bytes.length; head += headBytes) {
    for (let row = 0; row < permutation.length; row++) {
      const source = head + permutation[row]! * rowBytes;
      permuted.set(bytes.subarray(source, source + rowBytes), head + row * rowBytes);
    }
  }
  return permuted;
}

/** The transpose of a matrix [rows, columns] of elements of 2 or 4 bytes. */
export function transpose(
  bytes: Uint8Array,
  rows: number,
  columns: number,
  elementBytes: 2 | 4,
): Uint8Array {
  const kind = elementBytes === 2 ? Uint16Array : Uint32Array;
  const source = new kind(bytes.slice().buffer);
  const target = new kind(source.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      target[column * rows + row] = source[row * columns + column]!;
    }
  }
  return new Uint8Array(target.buffer);
}

/** Which heads of `tensor` must be permuted on the way to the other format; undefined: none. */
export function permutedHeads(
  model: Pick<ModelFile, "metadata" | "path">,
  { name, shape }: Pick<TensorInfo, "name" | "shape">,
  to: RowOrder,
): { headSize: number; to: RowOrder } | undefined {
  if (model.metadata.string("general.architecture") !== "llama") return undefined;
  const [, which] = /^blk\.\d+\.attn_([qk])\.(weight|bias)$/.exec(name) ?? [];
  if (which === undefined) return undefined;
  const all = model.metadata.integer("llama.attention.head_count", { minimum: 1 });
  const heads =
    which === "q"
      ? all
      : model.metadata.integer("llama.attention.head_count_kv", { fallback: all, minimum: 1 });
  const headSize = shape[0]! / heads;
  if (Number.isInteger(headSize / 2)) return { headSize, to };
  throw modelError(model.path, `${shape[0]} rows of ${name} are not ${heads} heads of even size`);
}
