// A transformer that learns: the forward pass of src/model written on a tape, with the loss of each
// row, for Llama-style and GPT-2-style models alike.

import { breathe } from "../breathe.ts";
import { CromwellError } from "../errors.ts";
import type { ModelFile } from "../formats/model-file.ts";
import { TensorReader } from "../formats/tensor-reader.ts";
import { type ModelConfig, readConfig } from "../model/config.ts";
import { RopeTable } from "../model/rope.ts";
import { dequantize } from "../native/kernels.ts";
import { Arena } from "../native/memory.ts";
import { attention } from "./attention.ts";
import { type Batch, checkBatch } from "./batch.ts";
import { Bf16Weights } from "./bf16-weights.ts";
import { type Linear, type LowRank, linear, linearEach } from "./linear.ts";
import {
  activation,
  add,
  dropped,
  embedding,
  norm,
  type RotaryTable,
  rotate,
} from "./operations.ts";
import { crossEntropyLoss, logitsOfRows } from "./output.ts";
import type { Parameters } from "./parameters.ts";
import { groups, type NetworkOptions, planWeights } from "./plan.ts";
import { Tape, type TapeOptions } from "./tape.ts";
import type { Tensor } from "./tensor.ts";
import { Turns } from "./turns.ts";
import { type Weight, Weights } from "./weights.ts";
import { Workspace } from "./workspace.ts";

export type { LowRankOptions, NetworkOptions } from "./plan.ts";

export interface AccumulateOptions {
  /** Factor on all gradients: 1 / the sum of a step's weights gives those of the mean loss. */
  readonly scale: number;
  /**
   * Share of each embedding and of what each half of a layer adds that is dropped; the seed, a whole
   * number below 2^32 that no two passes share, serves the adapters' own rate too. Without it nothing is.
   */
  readonly dropout?: { readonly rate: number; readonly seed: number } | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface PassOptions {
  readonly signal?: AbortSignal | undefined;
}

interface Layer {
  readonly attentionNorm: Norm;
  readonly queryKeyValue: readonly Linear[];
  readonly queryNorm: Norm | undefined;
  readonly keyNorm: Norm | undefined;
  readonly attentionOutput: readonly Linear[];
  readonly feedForwardNorm: Norm;
  readonly gateUp: readonly Linear[];
  readonly down: readonly Linear[];
}

type Norm = { readonly weight: Weight; readonly bias: Weight | undefined };

export class Network {
  readonly config: ModelConfig;
  /** What trains. */
  readonly parameters: Parameters;
  readonly #weights: Weights;
  readonly #layers: readonly Layer[];
  readonly #output: Weight;
  readonly #ropeArena: Arena;
  readonly #rope: RopeTable | undefined;
  readonly #workspace: Workspace;
  readonly #bf16: Bf16Weights | undefined;
  readonly #turns = new Turns("the network");

  /**
   * From a model file. Tensors are held in GGUF's order of rows whatever the file's; quantised ones
   * become f32 where they train.
   */
  static open(file: ModelFile, options: NetworkOptions = {}): Network {
    const steps = Network.#opening(file, options);
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
  }

  /** The same, breathing: a large model takes seconds. Throws CromwellError "interrupted" on the signal. */
  static async load(
    file: ModelFile,
    options: NetworkOptions = {},
    signal?: AbortSignal,
  ): Promise<Network> {
    const steps = Network.#opening(file, options);
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
      try {
        await breathe(signal);
      } catch (error) {
        steps.throw(error);
      }
    }
  }

  static *#opening(file: ModelFile, options: NetworkOptions): Generator<void, Network> {
    const config = inGgufOrder(readConfig(file));
    const weights = new Weights(file, planWeights(config, file, options));
    try {
      yield* weights.read();
      return new Network(file, config, weights, options);
    } catch (error) {
      weights.close();
      throw error;
    }
  }

  private constructor(
    file: ModelFile,
    config: ModelConfig,
    weights: Weights,
    options: NetworkOptions,
  ) {
    this.config = config;
    this.#weights = weights;
    this.parameters = weights.parameters;
    this.#layers = Array.from({ length: config.layers }, (_, i) => this.#layer(i, file, options));
    const output = options.head ? `${options.head.name}.weight` : "output.weight";
    this.#output = this.#weights.get(output) ?? this.#weight("token_embd.weight");
    const { rope, contextLength } = config;
    const divisors = rope && ropeDivisors(file, rope.dimension / 2);
    this.#ropeArena = new Arena(rope ? RopeTable.size(rope, contextLength) + 128 : 64);
    this.#rope = rope && new RopeTable(this.#ropeArena, rope, contextLength, divisors);
    this.#workspace = new Workspace();
    this.#bf16 = options.basePrecision === "bf16" ? new Bf16Weights(weights.frozen) : undefined;
  }

  /** Rows of the output matrix: what a target is one of. */
  get outputs(): number {
    return this.#output.rows;
  }

  /**
   * Adds the gradients of sum(weight * nll) * scale; returns each row's nll [rows], 0 where its weight
   * is 0. Hears the signal within 200 ms; the gradients are then of no use. Passes asked for meanwhile
   * are made one after the other.
   */
  accumulate(batch: Batch, options: AccumulateOptions): Promise<Float32Array> {
    const { scale, dropout, signal } = options;
    const tape = this.#tape({ records: true, seed: dropout?.seed, signal });
    return this.#pass(tape, async () => {
      const x = await this.#forward(tape, batch, dropout?.rate ?? 0);
      const nll = await crossEntropyLoss(tape, x, this.#output, { ...batch, scale });
      await tape.backward();
      return nll;
    });
  }

  /** nll [rows] without gradients, 0 where a row's weight is 0. */
  evaluate(batch: Batch, { signal }: PassOptions = {}): Promise<Float32Array> {
    const tape = this.#tape({ records: false, signal });
    return this.#pass(tape, async () => {
      const x = await this.#forward(tape, batch, 0);
      return crossEntropyLoss(tape, x, this.#output, { ...batch, scale: undefined });
    });
  }

  /** The same, and for each row 1 where its target is the most likely one. */
  async judge(
    batch: Batch,
    { signal }: PassOptions = {},
  ): Promise<{ readonly nll: Float32Array; readonly likeliest: Uint8Array }> {
    const tape = this.#tape({ records: false, signal });
    const likeliest = new Uint8Array(batch.targets.length);
    const nll = await this.#pass(tape, async () => {
      const x = await this.#forward(tape, batch, 0);
      return crossEntropyLoss(tape, x, this.#output, { ...batch, scale: undefined, likeliest });
    });
    return { nll, likeliest };
  }

  /** logits [rows.length][output rows] of the named rows of a batch. */
  logits(batch: Batch, rows: Uint32Array, { signal }: PassOptions = {}): Promise<Float32Array> {
    const tape = this.#tape({ records: false, signal });
    return this.#pass(tape, async () => {
      const x = await this.#forward(tape, batch, 0);
      return logitsOfRows(tape, x, this.#output, rows);
    });
  }

  /** Frees the memory, after the pass in work; passes that wait, and later ones, are refused. */
  close(): Promise<void> {
    return this.#turns.close(() => {
      this.#weights.close();
      this.#workspace.close();
      this.#bf16?.close();
      this.#ropeArena.close();
    });
  }

  #tape(options: TapeOptions): Tape {
    return new Tape(this.#workspace, { ...options, bf16: this.#bf16 });
  }

  #pass(tape: Tape, run: () => Promise<Float32Array>): Promise<Float32Array> {
    const whole = async () => {
      try {
        return await run();
      } finally {
        tape.workspace.reset();
      }
    };
    return this.#turns.run(whole, tape.signal);
  }

  /** norm(x) after all layers. */
  async #forward(tape: Tape, batch: Batch, dropout: number): Promise<Tensor> {
    checkBatch(batch, this.config, this.#output.rows);
    this.#rope?.fill(batch.positions.reduce((most, position) => Math.max(most, position + 1), 0));
    const seen = { ...batch, starts: windowed(batch, this.config.slidingWindow) };
    let x = this.#embed(tape, batch);
    x = dropped(tape, x, dropout);
    tape.keep(x);
    for (const layer of this.#layers) {
      x = add(tape, x, dropped(tape, await this.#attention(tape, x, layer, seen), dropout));
      tape.keep(x);
      x = add(tape, x, dropped(tape, await this.#feedForward(tape, x, layer), dropout));
      tape.keep(x);
    }
    return norm(tape, x, this.#norm("output_norm"), this.config.normEpsilon);
  }

  #embed(tape: Tape, { inputs, positions }: Batch): Tensor {
    const x = embedding(tape, this.#weight("token_embd.weight"), inputs);
    const learned = this.#weights.get("position_embd.weight");
    if (learned === undefined) return x;
    const places = embedding(tape, learned, positions);
    // The sum lies where the second is: where one of them alone trains, it is that one.
    return places.tracked ? add(tape, x, places) : add(tape, places, x);
  }

  async #attention(tape: Tape, x: Tensor, layer: Layer, batch: Batch): Promise<Tensor> {
    const { headDimension, normEpsilon } = this.config;
    const normed = norm(tape, x, layer.attentionNorm, normEpsilon);
    const heads = await this.#queryKeyValue(tape, normed, layer);
    if (this.#rope !== undefined) {
      for (const which of [heads.query, heads.key]) {
        rotate(tape, which, headDimension, this.#rotary(this.#rope), batch.positions);
      }
    }
    const attended = await attention(tape, heads, headDimension, batch);
    return linear(tape, attended, layer.attentionOutput);
  }

  /** In one tensor where heads have no norms of their own. */
  async #queryKeyValue(tape: Tape, x: Tensor, layer: Layer) {
    const { heads, kvHeads, headDimension, normEpsilon } = this.config;
    const { queryKeyValue, queryNorm, keyNorm } = layer;
    if (queryNorm === undefined || keyNorm === undefined) {
      const tensor = await linear(tape, x, queryKeyValue);
      return {
        query: { tensor, column: 0, heads },
        key: { tensor, column: heads * headDimension, heads: kvHeads },
        value: { tensor, column: (heads + kvHeads) * headDimension, heads: kvHeads },
      };
    }
    const [query, key, value] = queryKeyValue as [Linear, Linear, Linear];
    const q = norm(tape, await linear(tape, x, [query]), queryNorm, normEpsilon);
    const k = norm(tape, await linear(tape, x, [key]), keyNorm, normEpsilon);
    const v = await linear(tape, x, [value]);
    return {
      query: { tensor: q, column: 0, heads },
      key: { tensor: k, column: 0, heads: kvHeads },
      value: { tensor: v, column: 0, heads: kvHeads },
    };
  }

  async #feedForward(tape: Tape, x: Tensor, layer: Layer): Promise<Tensor> {
    const normed = norm(tape, x, layer.feedForwardNorm, this.config.normEpsilon);
    const [gate, up] = await linearEach(tape, normed, layer.gateUp);
    return linear(tape, activation(tape, gate!, up), layer.down);
  }

  #rotary({ cosines, sines }: RopeTable): RotaryTable {
    const { rope, contextLength } = this.config;
    const { dimension, halves } = rope!;
    return { cosines, sines, rotary: dimension, halves, capacity: contextLength };
  }

  #layer(index: number, file: ModelFile, { lowRank }: NetworkOptions): Layer {
    const names = groups(this.config, index, (name) => file.tensors.has(name));
    const linears = (list: readonly string[]) =>
      list.map((name) => ({
        weight: this.#weight(`${name}.weight`),
        bias: this.#weights.get(`${name}.bias`),
        lowRank: this.#lowRank(`${name}.weight`, lowRank),
      }));
    return {
      attentionNorm: this.#norm(`blk.${index}.attn_norm`),
      queryKeyValue: linears(names.queryKeyValue),
      queryNorm: this.#headNorm(`blk.${index}.attn_q_norm`),
      keyNorm: this.#headNorm(`blk.${index}.attn_k_norm`),
      attentionOutput: linears(names.attentionOutput),
      feedForwardNorm: this.#norm(`blk.${index}.ffn_norm`),
      gateUp: linears(names.gateUp),
      down: linears(names.down),
    };
  }

  #lowRank(name: string, options: NetworkOptions["lowRank"]): LowRank | undefined {
    const a = this.#weights.get(`${name}.lora_a`);
    if (options === undefined || a === undefined) return undefined;
    const { rank, alpha, dropout = 0 } = options;
    return { a, b: this.#weight(`${name}.lora_b`), scale: alpha / rank, dropout };
  }

  #norm(name: string): Norm {
    return { weight: this.#weight(`${name}.weight`), bias: this.#weights.get(`${name}.bias`) };
  }

  #headNorm(name: string): Norm | undefined {
    return this.#weights.get(`${name}.weight`) && this.#norm(name);
  }

  /** A weight that is in the plan. */
  #weight(name: string): Weight {
    const weight = this.#weights.get(name);
    if (weight === undefined) throw new CromwellError("internal", `${name} was not loaded`);
    return weight;
  }
}

/** The configuration of a model whose rows lie as GGUF has them. */
function inGgufOrder(config: ModelConfig): ModelConfig {
  const { rope, architecture } = config;
  return rope ? { ...config, rope: { ...rope, halves: architecture !== "llama" } } : config;
}

/** Divisors of RoPE's frequencies that a GGUF file may have as a tensor. */
function ropeDivisors(file: ModelFile, pairs: number): Float32Array | undefined {
  const tensor = file.tensors.get("rope_freqs.weight");
  if (tensor === undefined) return undefined;
  if (tensor.shape.length !== 1 || tensor.shape[0] !== pairs) {
    throw new CromwellError("model", `${file.path}: rope_freqs.weight is not [${pairs}]`);
  }
  const reader = new TensorReader(file);
  try {
    return dequantize(tensor.type, reader.read(tensor), pairs);
  } finally {
    reader.close();
  }
}

/** The first position that each row sees, with at most `window` of them in sight (0: all). */
function windowed({ starts, length }: Batch, window: number): Uint32Array {
  if (window === 0) return starts;
  return starts.map((start, row) => Math.max(start, (row % length) - window + 1));
}
