// Turns a tensor's bytes into those of another type and order of rows, a few megabytes at a time:
// a model larger than memory can be converted.

import { dequantize, quantize } from "../native/kernels.ts";
import type { RowOrder } from "./model-view.ts";
import { headPermutation, permuteHeads, transpose } from "./row-order.ts";
import type { TensorPlan } from "./tensor-plan.ts";
import type { TensorReader } from "./tensor-reader.ts";
import type { TensorInfo } from "./tensor-table.ts";
import type { TensorType } from "./tensor-type.ts";

export interface Conversion {
  readonly type: TensorType;
  /** Rows of one head, where the rows of each head change their order. */
  readonly permuted?: { readonly headSize: number; readonly to: RowOrder } | undefined;
  /** The output lies transposed against the input. */
  readonly transposed: boolean;
  /** What is added to whole rows of the output, from `firstRow` on; not where it lies transposed. */
  readonly add?: ((values: Float32Array, firstRow: number) => void) | undefined;
}

/** A tensor of the output: where its data come from, or the data themselves. */
export interface ConvertedTensor extends TensorPlan {
  readonly source: TensorInfo | Uint8Array;
  readonly conversion: Conversion;
}

/** Elements converted at once: 4 MB of f32. */
const chunkElements = 1 << 20;

/** The converted bytes of `tensor`, in chunks of whole rows. */
export function* convertedChunks(
  reader: TensorReader,
  tensor: TensorInfo,
  conversion: Conversion,
): Generator<Uint8Array> {
  const { type: to, permuted, transposed, add } = conversion;
  const from = tensor.type;
  const recode = (bytes: Uint8Array, firstRow = 0) => {
    if (from.id === to.id && add === undefined) return bytes;
    const values = dequantize(from, bytes, (bytes.length / from.blockBytes) * from.blockSize);
    add?.(values, firstRow);
    return to.name === "F32" ? new Uint8Array(values.buffer) : quantize(to, values);
  };
  // What lies transposed has elements of 2 or 4 bytes on at least one side: it is turned there.
  if (transposed && from.blockSize === 1) {
    const turned = transposedMatrix(tensor, reader.read(tensor), from);
    yield* pieces(turned, chunkElements * from.blockBytes, tensor, recode);
  } else if (transposed) {
    yield transposedMatrix(tensor, recode(reader.read(tensor)), to);
  } else {
    yield* rowChunks(reader, tensor, permuted, recode);
  }
}

/** Chunks of rows in file order, or with the rows of each head permuted. */
function* rowChunks(
  reader: TensorReader,
  tensor: TensorInfo,
  permuted: Conversion["permuted"],
  recode: (bytes: Uint8Array, firstRow: number) => Uint8Array,
): Generator<Uint8Array> {
  const { blockSize, blockBytes } = tensor.type;
  // A bias that is permuted counts as rows of one element.
  const columns = permuted && tensor.shape.length === 1 ? 1 : tensor.shape.at(-1)!;
  const rowBytes = (columns / blockSize) * blockBytes;
  const unit = permuted?.headSize ?? 1;
  const order = permuted && headPermutation(permuted.headSize, permuted.to);
  const rowsAtOnce = Math.max(1, Math.floor(chunkElements / columns / unit)) * unit;
  const chunkBytes = rowsAtOnce * rowBytes;
  for (let start = 0; start < tensor.byteLength; start += chunkBytes) {
    const length = Math.min(chunkBytes, tensor.byteLength - start);
    const bytes = reader.read(tensor, start, length);
    const ordered = order === undefined ? bytes : permuteHeads(bytes, rowBytes, order);
    yield recode(ordered, start / rowBytes);
  }
}

/** `shape` is GGUF's [rows, columns]: a tensor that is `transposed` stores [columns, rows]. */
function transposedMatrix(tensor: TensorInfo, bytes: Uint8Array, type: TensorType): Uint8Array {
  const [rows, columns] = tensor.shape as [number, number];
  const elementBytes = type.blockBytes === 2 ? 2 : 4;
  return tensor.transposed
    ? transpose(bytes, columns, rows, elementBytes)
    : transpose(bytes, rows, columns, elementBytes);
}

/** Whole rows of `bytes`, up to `length` bytes of them at a time, recoded. */
function* pieces(
  bytes: Uint8Array,
  length: number,
  tensor: TensorInfo,
  recode: (bytes: Uint8Array) => Uint8Array,
): Generator<Uint8Array> {
  const rowBytes =
    (tensor.transposed ? tensor.shape[1]! : tensor.shape[0]!) * tensor.type.blockBytes;
  const piece = Math.max(1, Math.floor(length / rowBytes)) * rowBytes;
  for (let start = 0; start < bytes.length; start += piece) {
    yield recode(bytes.subarray(start, Math.min(start + piece, bytes.length)));
  }
}
