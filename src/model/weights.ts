// Binds a model file's tensors to addresses: matrices stay in the mapped file, in its own block
// format; norms and biases, which are small, are copied as f32.

import type { ModelFile, TensorInfo } from "../formats/model-file.ts";
import { transpose } from "../formats/row-order.ts";
import { TensorReader } from "../formats/tensor-reader.ts";
import { requiredTensor } from "../formats/tensor-table.ts";
import { type TensorType, tensorTypes } from "../formats/tensor-type.ts";
import { dequantize, type Layout } from "../native/kernels.ts";
import { type Address, Arena, bytesAt, floatsAt, MappedFile } from "../native/memory.ts";
import type { ModelConfig } from "./config.ts";
import type { TileTarget } from "./stored-tiles.ts";
import { type TileOptions, Tiles } from "./tiles.ts";

/** A weight matrix [rows, columns] as it lies in memory, with the bias of its rows. */
export interface Matrix {
  readonly name: string;
  readonly address: Address;
  readonly type: TensorType;
  readonly layout: Layout;
  readonly rows: number;
  readonly columns: number;
  /** [rows] of f32, or 0. */
  readonly bias: Address;
}

/** A norm's weight and bias (0 for RMSNorm), f32. */
export interface NormWeights {
  readonly weight: Address;
  readonly bias: Address;
}

export interface LayerWeights {
  readonly attentionNorm: NormWeights;
  readonly query: Matrix;
  readonly key: Matrix;
  readonly value: Matrix;
  /** Norms over each head, before rotation (qwen3). */
  readonly queryNorm: NormWeights | undefined;
  readonly keyNorm: NormWeights | undefined;
  readonly attentionOutput: Matrix;
  readonly feedForwardNorm: NormWeights;
  /** SwiGLU's gate; undefined with GELU. */
  readonly gate: Matrix | undefined;
  readonly up: Matrix;
  readonly down: Matrix;
}

export class Weights {
  readonly embedding: Matrix;
  /** Learned positions (gpt2). */
  readonly positions: Matrix | undefined;
  readonly outputNorm: NormWeights;
  /** Divisors of RoPE's frequencies (Llama 3). */
  readonly ropeDivisors: Float32Array | undefined;
  readonly #binder: Binder;
  #layers: readonly LayerWeights[];
  #output: Matrix;
  #tiles: Tiles | undefined;

  constructor(file: ModelFile, config: ModelConfig) {
    const binder = new Binder(file);
    this.#binder = binder;
    try {
      const { hidden, vocabulary } = config;
      this.embedding = binder.matrix("token_embd", vocabulary, hidden);
      this.positions =
        config.rope === undefined
          ? binder.matrix("position_embd", config.contextLength, hidden)
          : undefined;
      this.#layers = Array.from({ length: config.layers }, (_, i) => bindLayer(binder, config, i));
      this.outputNorm = binder.norm("output_norm", hidden, config);
      const tied = !file.tensors.has("output.weight");
      this.#output = tied ? this.embedding : binder.matrix("output", vocabulary, hidden);
      const pairs = (config.rope?.dimension ?? 0) / 2;
      const divisors = file.tensors.get("rope_freqs.weight");
      this.ropeDivisors = divisors && binder.floats("rope_freqs.weight", pairs).slice();
    } catch (error) {
      binder.close();
      throw error;
    } finally {
      binder.endReading();
    }
  }

  get layers(): readonly LayerWeights[] {
    return this.#layers;
  }

  /** Gives the logits; the embedding's own weights where a model has no others. */
  get output(): Matrix {
    return this.#output;
  }

  /**
   * Repacks what is multiplied, or takes it from where it is stored, which makes products several
   * times as fast. Before a transformer is made of the weights; throws "interrupted" when the signal
   * aborts.
   */
  async repack(options: Omit<TileOptions, "forget"> = {}): Promise<void> {
    if (this.#tiles !== undefined) return;
    const forget = (address: Address, size: number) => this.#binder.forget(address, size);
    const tiles = await Tiles.of(this, { ...options, forget });
    this.#tiles = tiles;
    this.#layers = tiles.layers;
    this.#output = tiles.output;
  }

  /** Stores what was repacked for the next start; must end before close(). */
  async store(target: TileTarget, signal?: AbortSignal): Promise<void> {
    await this.#tiles?.store(target, signal);
  }

  close(): void {
    this.#tiles?.close();
    this.#binder.close();
  }
}

function bindLayer(binder: Binder, config: ModelConfig, index: number): LayerWeights {
  const { hidden, feedForward } = config;
  const name = (part: string) => `blk.${index}.${part}`;
  const width = config.heads * config.headDimension;
  const kvWidth = config.kvHeads * config.headDimension;
  const headNorm = (part: string) =>
    binder.has(`${name(part)}.weight`)
      ? binder.norm(name(part), config.headDimension, config)
      : undefined;
  return {
    attentionNorm: binder.norm(name("attn_norm"), hidden, config),
    ...bindQueryKeyValue(binder, name, [width, kvWidth, kvWidth], hidden),
    queryNorm: headNorm("attn_q_norm"),
    keyNorm: headNorm("attn_k_norm"),
    attentionOutput: binder.matrix(name("attn_output"), hidden, width),
    feedForwardNorm: binder.norm(name("ffn_norm"), hidden, config),
    gate:
      config.activation === "swiglu"
        ? binder.matrix(name("ffn_gate"), feedForward, hidden)
        : undefined,
    up: binder.matrix(name("ffn_up"), feedForward, hidden),
    down: binder.matrix(name("ffn_down"), hidden, feedForward),
  };
}

/** q, k and v as three matrices, also where the file keeps them in one, one after the other. */
function bindQueryKeyValue(
  binder: Binder,
  name: (part: string) => string,
  widths: [number, number, number],
  hidden: number,
): Pick<LayerWeights, "query" | "key" | "value"> {
  if (!binder.has(`${name("attn_qkv")}.weight`)) {
    return {
      query: binder.matrix(name("attn_q"), widths[0], hidden),
      key: binder.matrix(name("attn_k"), widths[1], hidden),
      value: binder.matrix(name("attn_v"), widths[2], hidden),
    };
  }
  const fused = binder.matrix(name("attn_qkv"), widths[0] + widths[1] + widths[2], hidden);
  const rowBytes = (fused.columns / fused.type.blockSize) * fused.type.blockBytes;
  const part = (rows: number, first: number): Matrix => ({
    ...fused,
    rows,
    address: fused.address + first * rowBytes,
    bias: fused.bias === 0 ? 0 : fused.bias + first * 4,
  });
  return {
    query: part(widths[0], 0),
    key: part(widths[1], widths[0]),
    value: part(widths[2], widths[0] + widths[1]),
  };
}

/** Maps the files of a model and hands out its tensors, with their shapes checked. */
class Binder {
  readonly #file: ModelFile;
  readonly #maps: (MappedFile | undefined)[];
  readonly #copies: Arena;
  readonly #reader: TensorReader;

  constructor(file: ModelFile) {
    this.#file = file;
    this.#reader = new TensorReader(file);
    this.#maps = file.files.map(() => undefined);
    let size = 0;
    for (const tensor of file.tensors.values()) {
      const elements = tensor.shape.reduce((a, b) => a * b, 1);
      if (tensor.shape.length === 1 || mustCopy(tensor)) size += elements * 4 + 64;
    }
    this.#copies = new Arena(size);
  }

  has(name: string): boolean {
    return this.#file.tensors.has(name);
  }

  /** The matrix `${name}.weight` with `${name}.bias`, if there is one. */
  matrix(name: string, rows: number, columns: number): Matrix {
    const tensor = requiredTensor(this.#file, `${name}.weight`, [rows, columns]);
    const copied = mustCopy(tensor);
    return {
      name,
      address: copied ? this.#copyMatrix(tensor) : this.#address(tensor),
      type: tensor.type,
      layout: "rows",
      rows,
      columns,
      bias: this.has(`${name}.bias`) ? this.#vector(`${name}.bias`, rows) : 0,
    };
  }

  norm(name: string, width: number, config: ModelConfig): NormWeights {
    const weight = this.#vector(`${name}.weight`, width);
    const biased = config.norm === "layer";
    return { weight, bias: biased ? this.#vector(`${name}.bias`, width) : 0 };
  }

  floats(name: string, length: number): Float32Array {
    return floatsAt(this.#vector(name, length), length);
  }

  /** Gives the pages of mapped bytes back; they are read again if they are touched. */
  forget(address: Address, size: number): void {
    for (const map of this.#maps) map?.forget(address, size);
  }

  /** After this nothing is copied any more. */
  endReading(): void {
    this.#reader.close();
  }

  close(): void {
    for (const map of this.#maps) map?.close();
    this.#copies.close();
  }

  /**
   * A vector as f32 in memory of our own: read, not mapped, as around each of them so much of the file
   * may become resident as the page cache keeps in one piece.
   */
  #vector(name: string, length: number): Address {
    const tensor = requiredTensor(this.#file, name, [length]);
    const target = this.#copies.floats(length);
    target.values.set(dequantize(tensor.type, this.#reader.read(tensor), length));
    return target.address;
  }

  #address(tensor: TensorInfo): Address {
    const file = this.#file.files[tensor.file]!;
    this.#maps[tensor.file] ??= new MappedFile(file.path, file.size);
    return this.#maps[tensor.file]!.address + tensor.offset;
  }

  /** A matrix in memory of our own, rows and columns swapped where the file has them so. */
  #copyMatrix(tensor: TensorInfo): Address {
    const [rows, columns] = tensor.shape as [number, number];
    const bytes = bytesAt(this.#address(tensor), tensor.byteLength);
    const width = tensor.type === tensorTypes.F32 ? 4 : 2;
    const address = this.#copies.allocate(tensor.byteLength);
    const ordered = tensor.transposed ? transpose(bytes, columns, rows, width) : bytes;
    bytesAt(address, tensor.byteLength).set(ordered);
    return address;
  }
}

function misaligned(tensor: TensorInfo): boolean {
  return tensor.type === tensorTypes.F32 && tensor.offset % 4 !== 0;
}

/** Whether the matrix cannot be used where it is mapped. */
function mustCopy(tensor: TensorInfo): boolean {
  return tensor.transposed || misaligned(tensor);
}
