// LoRA adapters (Hu et al., 2021): low-rank matrices beside a model's weights, from a PEFT folder or
// a GGUF adapter. y = W x + scale * B (A x), with scale = alpha / rank * the user's own factor.

import { CromwellError } from "../errors.ts";
import { checkPair, openAdapterFile } from "../formats/adapter-file.ts";
import type { TensorInfo } from "../formats/model-file.ts";
import type { RowOrder } from "../formats/model-view.ts";
import { headPermutation, permuteHeads } from "../formats/row-order.ts";
import { type TensorType, tensorTypes } from "../formats/tensor-type.ts";
import { dequantize, interleave, interleavedRows, type Layout } from "../native/kernels.ts";
import { type Address, Arena, bytesAt, MappedFile } from "../native/memory.ts";
import type { ModelConfig } from "./config.ts";
import type { Weights } from "./weights.ts";

/** Of f32 or f16, interleaved by 16 rows. */
export interface LowRankMatrix {
  readonly layout: Layout;
  readonly address: Address;
  readonly type: TensorType;
  readonly rows: number;
  readonly columns: number;
}

/** A [rank, columns] and B [rows, rank] of one weight matrix. */
export interface LowRank {
  readonly a: LowRankMatrix;
  readonly b: LowRankMatrix;
  readonly scale: number;
}

/** Where an adapter comes from; `scale` multiplies its own. */
export interface AdapterSource {
  readonly path: string;
  readonly name?: string;
  readonly scale: number;
}

export class Adapter {
  readonly name: string;
  /** The file that its matrices come from. */
  readonly path: string;
  /** Largest rank of its targets. */
  readonly rank: number;
  /** The version of the edit prompt that it was trained on; undefined for an adapter of another kind. */
  readonly editPrompt: number | undefined;
  /** By the name of the weight matrix, without ".weight". */
  readonly targets: ReadonlyMap<string, LowRank>;
  readonly #arena: Arena;

  /** Loads an adapter and checks it against the model that it is for. */
  constructor(source: AdapterSource, config: ModelConfig, weights: Weights, rowOrder: RowOrder) {
    const file = openAdapterFile(source.path, config.architecture);
    this.name = source.name ?? source.path;
    this.path = file.tensorPath;
    this.editPrompt = file.editPrompt;
    // Checked before anything is allocated: from there on nothing is refused.
    const shapes = adaptable(config, weights);
    for (const pair of file.pairs) checkPair(file.path, pair, shapes.get(pair.target));
    const map = new MappedFile(file.tensorPath, file.size);
    try {
      const size = file.pairs.reduce((sum, { a, b }) => sum + sizeOf(a) + sizeOf(b) + 128, 0);
      this.#arena = new Arena(size).preferLargePages();
      // One after the other in memory as they are used.
      const order = [...shapes.keys()];
      const pairs = file.pairs.toSorted(
        (a, b) => order.indexOf(a.target) - order.indexOf(b.target),
      );
      const targets = pairs.map(({ target, a, b }): [string, LowRank] => {
        const rows = rowsOf(target, config, file.rowOrder, rowOrder);
        const scale = file.scale(a.shape[0]!) * source.scale;
        return [target, { a: this.#copy(map, a), b: this.#copy(map, b, rows), scale }];
      });
      this.targets = new Map(targets);
      this.rank = Math.max(...targets.map(([, low]) => low.a.rows));
    } finally {
      map.close();
    }
  }

  close(): void {
    this.#arena.close();
  }

  #copy(map: MappedFile, tensor: TensorInfo, order?: Uint32Array): LowRankMatrix {
    const [rows, columns] = tensor.shape as [number, number];
    const bytes = bytesAt(map.address + tensor.offset, tensor.byteLength);
    const ordered = order ? permuteHeads(bytes, tensor.byteLength / rows, order) : bytes;
    const address = this.#arena.allocate(sizeOf(tensor));
    const place = bytesAt(address, sizeOf(tensor)).buffer;
    const type = typeOf(tensor);
    if (type === tensorTypes.F16) {
      const values = new Uint16Array(ordered.slice().buffer);
      interleave(values, [rows, columns], new Uint16Array(place));
    } else {
      const values = dequantize(tensor.type, ordered, rows * columns);
      interleave(new Uint32Array(values.buffer), [rows, columns], new Uint32Array(place));
    }
    return { layout: "interleaved", address, type, rows, columns };
  }
}

/** F16 stays what it is, all else becomes f32. */
function typeOf({ type }: TensorInfo): TensorType {
  return type === tensorTypes.F16 ? type : tensorTypes.F32;
}

/** Bytes of a tensor when its rows are interleaved. */
function sizeOf(tensor: TensorInfo): number {
  const [rows, columns] = tensor.shape as [number, number];
  return Math.ceil(rows / interleavedRows) * interleavedRows * columns * typeOf(tensor).blockBytes;
}

/** Shapes [rows, columns] of the matrices that an adapter may change. */
function adaptable(config: ModelConfig, weights: Weights): Map<string, [number, number]> {
  if (config.architecture === "gpt2") {
    throw new CromwellError("model", "adapters for gpt2 models are not supported");
  }
  const shapes = new Map<string, [number, number]>();
  for (const layer of weights.layers) {
    const { query, key, value, attentionOutput, gate, up, down } = layer;
    for (const matrix of [query, key, value, attentionOutput, gate, up, down]) {
      if (matrix !== undefined) shapes.set(matrix.name, [matrix.rows, matrix.columns]);
    }
  }
  return shapes;
}

/** The order of a head's rows, for q and k of llama where adapter and model differ in it. */
function rowsOf(
  target: string,
  config: ModelConfig,
  from: RowOrder,
  to: RowOrder,
): Uint32Array | undefined {
  if (config.architecture !== "llama" || from === to || !/attn_[qk]$/.test(target))
    return undefined;
  return headPermutation(config.headDimension, to);
}
