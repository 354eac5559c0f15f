// The forward pass of a decoder-only transformer: reads tokens into the cache, layer by layer, and
// gives logits. T = tokens of a batch, D = hidden, H and K = query and KV heads, C = head dimension,
// F = feed-forward width, V = vocabulary. What a token gets does not depend on how tokens are batched.

import { CromwellError } from "../errors.ts";
import * as kernels from "../native/kernels.ts";
import { type Address, Arena, floatsAt } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import type { Adapter } from "./adapter.ts";
import { breathe } from "./breathe.ts";
import type { KvCache } from "./cache.ts";
import type { ModelConfig } from "./config.ts";
import { adapterRank, Linear } from "./linear.ts";
import { RopeTable } from "./rope.ts";
import type { LayerWeights, NormWeights, Weights } from "./weights.ts";

/** Receives the logits [V] of one position; the view is only valid during the call. */
export type OnLogits = (position: number, logits: Float32Array) => void;

export interface ForwardOptions {
  readonly signal?: AbortSignal | undefined;
  /** Wants the logits of every position read; else only the last one's are computed. */
  readonly onLogits?: OnLogits | undefined;
}

interface Layer {
  readonly weights: LayerWeights;
  readonly queryKeyValue: Linear;
  readonly attentionOutput: Linear;
  readonly gateUp: Linear;
  readonly down: Linear;
}

export class Transformer {
  readonly config: ModelConfig;
  readonly cache: KvCache;
  /** Most tokens in one batch: enough to reuse each weight, little enough to be interrupted. */
  readonly batchSize: number;
  readonly #weights: Weights;
  readonly #arena: Arena;
  readonly #buffers: Buffers;
  readonly #layers: Layer[];
  readonly #output: Linear;
  readonly #rope: RopeTable | undefined;
  readonly #jobs = {
    norm: new StructArray("Norm"),
    rope: new StructArray("Rope"),
    store: new StructArray("CacheStore"),
    attention: new StructArray("Attention"),
    vector: new StructArray("Vector"),
  };

  constructor(
    config: ModelConfig,
    weights: Weights,
    cache: KvCache,
    adapters: readonly Adapter[] = [],
  ) {
    this.config = config;
    this.cache = cache;
    this.batchSize = batchSizeFor(config);
    this.#weights = weights;
    const rank = adapterRank(adapters);
    const ropeBytes = config.rope ? RopeTable.size(config.rope, cache.capacity) : 0;
    this.#arena = new Arena(Buffers.size(config, this.batchSize, rank) + ropeBytes + 256);
    const buffers = new Buffers(this.#arena, config, this.batchSize, rank);
    this.#buffers = buffers;
    this.#rope =
      config.rope && new RopeTable(this.#arena, config.rope, cache.capacity, weights.ropeDivisors);
    this.#layers = weights.layers.map((layer) => makeLayer(layer, buffers, adapters));
    this.#output = new Linear(
      [{ matrix: weights.output, output: buffers.logits }],
      { input: buffers.normed, low: buffers.low },
      adapters,
    );
  }

  /**
   * Reads `ids` at the cache's end and returns the last position's logits [V], a view that is valid
   * until the next call. Throws "interrupted" when the signal aborts; the cache then ends where it did.
   */
  async forward(ids: ArrayLike<number>, options: ForwardOptions = {}): Promise<Float32Array> {
    const start = this.cache.length;
    if (ids.length === 0) throw new CromwellError("internal", "a forward pass of no tokens");
    if (start + ids.length > this.cache.capacity) {
      throw new CromwellError("input", `the context of ${this.cache.capacity} tokens is full`);
    }
    try {
      for (let at = 0; at < ids.length; at += this.batchSize) {
        const batch = Uint32Array.from(
          { length: Math.min(this.batchSize, ids.length - at) },
          (_, i) => ids[at + i]!,
        );
        await this.#batch(batch, options, at + batch.length === ids.length);
      }
    } catch (error) {
      this.cache.rewind(start);
      throw error;
    }
    return floatsAt(this.#buffers.logits, this.config.vocabulary);
  }

  close(): void {
    this.#arena.close();
  }

  async #batch(ids: Uint32Array, options: ForwardOptions, last: boolean): Promise<void> {
    const position = this.cache.length;
    this.#rope?.fill(position + ids.length);
    this.#embed(ids, position);
    for (let i = 0; i < this.#layers.length; i++) {
      this.#attention(this.#layers[i]!, i, ids.length, position);
      const between = breathe(options.signal);
      if (between !== undefined) await between;
      this.#feedForward(this.#layers[i]!, ids.length);
      const after = breathe(options.signal);
      if (after !== undefined) await after;
    }
    this.cache.length = position + ids.length;
    if (options.onLogits !== undefined) await this.#everyLogits(ids.length, position, options);
    else if (last) this.#logits(ids.length - 1);
  }

  /** x[T][D] = embedding rows, plus learned positions. */
  #embed(ids: Uint32Array, position: number): void {
    const { embedding, positions } = this.#weights;
    const { hidden } = this.config;
    const { x, normed } = this.#buffers;
    kernels.embed(embedding.type, embedding.address, [embedding.rows, hidden], ids, x);
    if (positions === undefined) return;
    const places = Uint32Array.from(ids, (_, i) => position + i);
    kernels.embed(positions.type, positions.address, [positions.rows, hidden], places, normed);
    const operation = kernels.vectorOperations.indexOf("add");
    const count = ids.length * hidden;
    kernels.vector(this.#jobs.vector.fill({ a: x, b: normed, output: x, count, operation }));
  }

  /** x += output(attention(rotate(q), rotate(k), v)), all of norm(x). */
  #attention(layer: Layer, index: number, tokens: number, position: number): void {
    const { config, cache } = this;
    const { x, normed, query, key, value, attended } = this.#buffers;
    const { weights } = layer;
    this.#norm(weights.attentionNorm, x, normed, tokens, config.hidden);
    layer.queryKeyValue.run(tokens);
    this.#rotate(query, config.heads, weights.queryNorm, tokens, position);
    this.#rotate(key, config.kvHeads, weights.keyNorm, tokens, position);
    this.#store(key, cache.keys(index), tokens, position);
    this.#store(value, cache.values(index), tokens, position);
    const width = config.heads * config.headDimension;
    kernels.attention(
      this.#jobs.attention.fill({
        query,
        keys: cache.keys(index),
        values: cache.values(index),
        output: attended,
        capacity: cache.capacity,
        tokens,
        heads: config.heads,
        kv_heads: config.kvHeads,
        head_dim: config.headDimension,
        padded_dim: cache.paddedDimension,
        position,
        window: config.slidingWindow,
        cache_type: cache.type === "f32" ? 0 : 1,
        query_stride: width,
        output_stride: width,
        scale: 1 / Math.sqrt(config.headDimension),
      }),
    );
    layer.attentionOutput.run(tokens);
  }

  /** x += down(swiglu(gate, up)) or down(gelu(up)), of norm(x). */
  #feedForward(layer: Layer, tokens: number): void {
    const { config } = this;
    const { x, normed, gate, up } = this.#buffers;
    this.#norm(layer.weights.feedForwardNorm, x, normed, tokens, config.hidden);
    layer.gateUp.run(tokens);
    const count = tokens * config.feedForward;
    const operation = kernels.vectorOperations.indexOf(config.activation);
    const a = config.activation === "swiglu" ? gate : up;
    kernels.vector(this.#jobs.vector.fill({ a, b: up, output: up, count, operation }));
    layer.down.run(tokens);
  }

  #norm(norm: NormWeights, input: Address, output: Address, rows: number, columns: number): void {
    const epsilon = this.config.normEpsilon;
    const { weight, bias } = norm;
    kernels.norm(this.#jobs.norm.fill({ input, weight, bias, output, rows, columns, epsilon }));
  }

  /** Normalises each head where the model does, and rotates it to its position, in place. */
  #rotate(
    values: Address,
    heads: number,
    norm: NormWeights | undefined,
    tokens: number,
    position: number,
  ): void {
    const { rope, headDimension } = this.config;
    if (norm !== undefined) this.#norm(norm, values, values, tokens * heads, headDimension);
    if (rope === undefined) return;
    kernels.rope(
      this.#jobs.rope.fill({
        values,
        cosines: this.#rope!.cosines,
        sines: this.#rope!.sines,
        tokens,
        heads,
        head_dim: headDimension,
        rotary: rope.dimension,
        position,
        stride: heads * headDimension,
        halves: rope.halves ? 1 : 0,
        capacity: this.cache.capacity,
      }),
    );
  }

  #store(source: Address, target: Address, tokens: number, position: number): void {
    const { cache } = this;
    kernels.cacheStore(
      this.#jobs.store.fill({
        source,
        cache: target,
        capacity: cache.capacity,
        tokens,
        kv_heads: cache.kvHeads,
        head_dim: cache.headDimension,
        padded_dim: cache.paddedDimension,
        position,
        cache_type: cache.type === "f32" ? 0 : 1,
        source_stride: cache.kvHeads * cache.headDimension,
      }),
    );
  }

  /** logits[V] = output(norm(x)) of one token of the batch. */
  #logits(token: number): Float32Array {
    const { hidden, vocabulary } = this.config;
    const { x, normed, logits } = this.#buffers;
    this.#norm(this.#weights.outputNorm, x + token * hidden * 4, normed, 1, hidden);
    this.#output.run(1);
    return floatsAt(logits, vocabulary);
  }

  async #everyLogits(tokens: number, position: number, options: ForwardOptions): Promise<void> {
    for (let token = 0; token < tokens; token++) {
      options.onLogits!(position + token, this.#logits(token));
      const pause = breathe(options.signal);
      if (pause !== undefined) await pause;
    }
  }
}

/** Tokens a batch: at most about 10 billion multiply-adds in one step, so that Ctrl-C acts at once. */
function batchSizeFor(config: ModelConfig): number {
  const step = 2 * config.hidden * config.feedForward;
  for (const size of [256, 128, 64]) if (size * step <= 6e9) return size;
  return 32;
}

function makeLayer(weights: LayerWeights, buffers: Buffers, adapters: readonly Adapter[]): Layer {
  const { x, normed, query, key, value, attended, gate, up, low } = buffers;
  const gated = weights.gate ? [{ matrix: weights.gate, output: gate }] : [];
  const products = (targets: ConstructorParameters<typeof Linear>[0], input: Address) =>
    new Linear(targets, { input, low }, adapters);
  return {
    weights,
    queryKeyValue: products(
      [
        { matrix: weights.query, output: query },
        { matrix: weights.key, output: key },
        { matrix: weights.value, output: value },
      ],
      normed,
    ),
    attentionOutput: products(
      [{ matrix: weights.attentionOutput, output: x, accumulate: true }],
      attended,
    ),
    gateUp: products([...gated, { matrix: weights.up, output: up }], normed),
    down: products([{ matrix: weights.down, output: x, accumulate: true }], up),
  };
}

/** The activations of one batch, at fixed addresses. */
class Buffers {
  /** Residual stream [T][D], and its norm. */
  readonly x: Address;
  readonly normed: Address;
  /** [T][H][C], [T][K][C], [T][K][C], [T][H][C]. */
  readonly query: Address;
  readonly key: Address;
  readonly value: Address;
  readonly attended: Address;
  /** [T][F]. */
  readonly gate: Address;
  readonly up: Address;
  /** [V]. */
  readonly logits: Address;
  /** Adapters' low-rank activations, up to three products of [T][rank]. */
  readonly low: Address;

  constructor(arena: Arena, config: ModelConfig, batch: number, rank: number) {
    const widths = Buffers.#widths(config, batch, rank);
    const [x, normed, query, key, value, attended, gate, up, logits, low] = widths.map((count) =>
      arena.allocate(count * 4),
    ) as [number, number, number, number, number, number, number, number, number, number];
    this.x = x;
    this.normed = normed;
    this.query = query;
    this.key = key;
    this.value = value;
    this.attended = attended;
    this.gate = gate;
    this.up = up;
    this.logits = logits;
    this.low = low;
  }

  static size(config: ModelConfig, batch: number, rank: number): number {
    return Buffers.#widths(config, batch, rank).reduce((a, count) => a + count * 4 + 64, 0);
  }

  static #widths(config: ModelConfig, batch: number, rank: number): number[] {
    const width = batch * config.heads * config.headDimension;
    const kvWidth = batch * config.kvHeads * config.headDimension;
    const hidden = batch * config.hidden;
    const feedForward = batch * config.feedForward;
    return [
      hidden,
      hidden,
      width,
      kvWidth,
      kvWidth,
      width,
      feedForward,
      feedForward,
      config.vocabulary,
      3 * batch * rank,
    ];
  }
}
