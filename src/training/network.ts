// A transformer that learns: the forward pass of src/model written on a tape, with the loss of each
// row, for Llama-style and GPT-2-style models alike.

import { CromwellError } from "../errors.ts";
import type { ModelFile } from "../formats/model-file.ts";
import { type ModelConfig, readConfig } from "../model/config.ts";
import type { Batch } from "./batch.ts";
import { Parameters } from "./parameters.ts";

/** Low-rank adaptation (Hu et al., 2021): y = W x + alpha / rank * B (A x), the weights W frozen. */
export interface LowRankOptions {
  readonly rank: number;
  readonly alpha: number;
  /** By the matrix' name: "blk.0.attn_q.weight". */
  readonly targets: (name: string) => boolean;
  readonly seed: number;
  /** Share of A's inputs that is dropped while training. */
  readonly dropout?: number;
}

export interface NetworkOptions {
  /** What trains, by name; the rest has no gradient. Default: everything, or the adapters alone. */
  readonly trains?: (name: string) => boolean;
  /** Trains pairs "blk.0.attn_q.weight.lora_a" [rank, columns] and ".lora_b" [rows, rank]. */
  readonly lowRank?: LowRankOptions;
  /** Another output matrix "NAME.weight" [rows, hidden], drawn from a seed: for classes. */
  readonly head?: { readonly name: string; readonly rows: number; readonly seed: number };
}

export interface AccumulateOptions {
  /** Factor on all gradients: 1 / the sum of a step's weights gives those of the mean loss. */
  readonly scale: number;
  readonly dropout?: { readonly rate: number; readonly seed: number } | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Network {
  readonly config: ModelConfig;
  /** What trains. */
  readonly parameters: Parameters;

  /**
   * From a model file. Tensors are held in GGUF's order of rows whatever the file's; quantised ones
   * become f32 where they train.
   */
  static open(file: ModelFile, options: NetworkOptions = {}): Network {
    return new Network(readConfig(file), file, options);
  }

  private constructor(config: ModelConfig, _file: ModelFile, _options: NetworkOptions) {
    this.config = config;
    this.parameters = new Parameters([]);
  }

  /**
   * Adds the gradients of sum(weight * nll) * scale; returns each row's nll [rows], 0 where its weight
   * is 0, a view valid until the next call. Hears the signal within 200 ms.
   */
  async accumulate(_batch: Batch, _options: AccumulateOptions): Promise<Float32Array> {
    throw new CromwellError("internal", "training is not there yet");
  }

  /** nll [rows] without gradients, 0 where a row's weight is 0. */
  async evaluate(_batch: Batch, _options?: { signal?: AbortSignal }): Promise<Float32Array> {
    throw new CromwellError("internal", "training is not there yet");
  }

  /** logits [count][output rows] of the named rows of a batch. */
  async logits(
    _batch: Batch,
    _rows: Uint32Array,
    _options?: { signal?: AbortSignal },
  ): Promise<Float32Array> {
    throw new CromwellError("internal", "training is not there yet");
  }

  close(): void {
    this.parameters.close();
  }
}
