// Adds LoRA adapters to a model's weights as they are converted: W + scale * B A, in f32, then the
// type that is asked for. What comes out needs no adapter, and runs anywhere.

import { ptr } from "bun:ffi";
import { CromwellError } from "../errors.ts";
import { dequantize, gemm } from "../native/kernels.ts";
import { StructArray } from "../native/struct.ts";
import { type AdapterFile, type AdapterPair, checkPair, openAdapterFile } from "./adapter-file.ts";
import type { ConvertedTensor } from "./element-conversion.ts";
import { architectures } from "./hugging-face/families.ts";
import type { ModelFile, RowOrder } from "./model-view.ts";
import { headPermutation, permutedHeads, permuteHeads } from "./row-order.ts";
import { isFileType } from "./target-type.ts";
import { TensorReader } from "./tensor-reader.ts";
import { modelError, type TensorInfo } from "./tensor-table.ts";

/** An adapter to merge; `scale` multiplies its own alpha / rank. */
export interface MergeSource {
  readonly path: string;
  readonly scale: number;
}

interface Merged {
  readonly file: AdapterFile;
  readonly pair: AdapterPair;
  readonly scale: number;
}

export class AdapterMerge {
  readonly #model: ModelFile;
  readonly #outputOrder: RowOrder;
  /** By the name of the model's tensor. */
  readonly #added = new Map<string, Merged[]>();

  /** Opens the adapters and checks them against the model; `output` tells the order of its rows. */
  constructor(model: ModelFile, sources: readonly MergeSource[], output: string) {
    this.#model = model;
    this.#outputOrder = output.endsWith(".gguf") ? "gguf" : "huggingface";
    const name = model.metadata.string("general.architecture");
    const architecture = architectures.find((known) => known === name);
    for (const { path, scale } of sources) {
      if (architecture === undefined || architecture === "gpt2") {
        throw modelError(model.path, `adapters for ${name} models are not supported`);
      }
      this.#open(openAdapterFile(path, architecture), scale);
    }
  }

  /** The tensors, with what the adapters add to them. */
  applyTo(tensors: readonly ConvertedTensor[]): ConvertedTensor[] {
    return tensors.map((tensor) => {
      const { source, conversion, type } = tensor;
      const merged = source instanceof Uint8Array ? undefined : this.#added.get(source.name);
      if (source instanceof Uint8Array || merged === undefined) return tensor;
      if (!isFileType(type.name) && type.name !== "Q6_K") {
        const what = `${source.name} is ${type.name}, which cannot be written again once changed`;
        throw new CromwellError("usage", what, { hint: "add --type Q8_0 or another type" });
      }
      return { ...tensor, conversion: { ...conversion, add: this.#addition(source, merged) } };
    });
  }

  #open(file: AdapterFile, scale: number): void {
    for (const pair of file.pairs) {
      const name = `${pair.target}.weight`;
      const shape = this.#model.tensors.get(name)?.shape;
      const [rows = 0, columns = 0] = shape ?? [];
      checkPair(file.path, pair, shape?.length === 2 ? [rows, columns] : undefined);
      const merged = { file, pair, scale: file.scale(pair.a.shape[0]!) * scale };
      this.#added.set(name, [...(this.#added.get(name) ?? []), merged]);
    }
  }

  #addition(info: TensorInfo, merged: readonly Merged[]) {
    const columns = info.shape[1]!;
    // Read when the first rows come, dropped with the last: no more than one matrix' adapters at a time.
    let loaded: { a: Float32Array; b: Float32Array; rank: number }[] | undefined;
    return (values: Float32Array, firstRow: number) => {
      loaded ??= merged.map((one) => this.#load(info, one));
      const rows = values.length / columns;
      for (const { a, b, rank } of loaded) {
        const product = new Float32Array(values.length);
        const part = b.subarray(firstRow * rank, (firstRow + rows) * rank);
        multiply(part, a, product, { m: rows, n: columns, k: rank });
        for (let i = 0; i < values.length; i++) values[i]! += product[i]!;
      }
      if (firstRow + rows === info.shape[0]) loaded = undefined;
    };
  }

  /** A, and scale * B with its rows in the output's order. */
  #load(info: TensorInfo, { file, pair, scale }: Merged) {
    const rank = pair.a.shape[0]!;
    const [a, plain] = readPair(file, pair);
    const b = plain.map((value) => value * scale);
    const permuted = permutedHeads(this.#model, info, this.#outputOrder);
    if (permuted === undefined || file.rowOrder === this.#outputOrder) return { a, b, rank };
    const order = headPermutation(permuted.headSize, this.#outputOrder);
    const rows = permuteHeads(new Uint8Array(b.buffer), rank * 4, order);
    return { a, b: new Float32Array(rows.buffer), rank };
  }
}

function readPair(file: AdapterFile, { a, b }: AdapterPair): [Float32Array, Float32Array] {
  const reader = new TensorReader({ files: [{ path: file.tensorPath, size: file.size }] });
  const floats = (tensor: TensorInfo) =>
    dequantize(tensor.type, reader.read(tensor), tensor.shape[0]! * tensor.shape[1]!);
  try {
    return [floats(a), floats(b)];
  } finally {
    reader.close();
  }
}

/** C [m, n] = A [m, k] B [k, n]. */
function multiply(
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  { m, n, k }: { m: number; n: number; k: number },
): void {
  const places = { a: ptr(a), b: ptr(b), c: ptr(c), a_stride: k, b_stride: n, c_stride: n };
  gemm(new StructArray("Gemm").fill({ ...places, m, n, k }));
}
