// The forward pass of a decoder-only transformer: reads tokens into the cache, layer by layer, and
// gives logits. T = tokens of a batch, D = hidden, H and K = query and KV heads, C = head dimension,
// F = feed-forward width, V = vocabulary. What a token gets does not depend on how tokens are batched.

import { CromwellError } from "../errors.ts";
import * as kernels from "../native/kernels.ts";
import { type Address, Arena, floatsAt } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import type { Adapter } from "./adapter.ts";
import { breathe } from "./breathe.ts";
import { allocateBuffers, type Buffers, bufferBytes, bufferSizes } from "./buffers.ts";
import type { KvCache } from "./cache.ts";
import type { ModelConfig } from "./config.ts";
import { adapterRank, Linear, type Target } from "./linear.ts";
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
  /** What the buffer of logits holds. */
  readonly #logits: Float32Array;
  readonly #layers: Layer[];
  readonly #output: Linear;
  readonly #rope: RopeTable | undefined;
  readonly #jobs: Jobs;

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
    const sizes = bufferSizes(config, this.batchSize, rank);
    this.#arena = new Arena(bufferBytes(sizes) + ropeBytes + 256);
    const buffers = allocateBuffers(this.#arena, sizes);
    this.#buffers = buffers;
    this.#logits = floatsAt(buffers.logits, config.vocabulary);
    this.#rope =
      config.rope && new RopeTable(this.#arena, config.rope, cache.capacity, weights.ropeDivisors);
    this.#jobs = makeJobs(config, cache, buffers, this.#rope);
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
    return this.#logits;
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
    else if (last) this.#computeLogits(ids.length - 1);
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
    kernels.vector(this.#jobs.addPositions.set("count", ids.length * hidden));
  }

  /** x += output(attention(rotate(q), rotate(k), v)), all of norm(x). */
  #attention(layer: Layer, index: number, tokens: number, position: number): void {
    const { config, cache } = this;
    const { x, normed, query, key, value } = this.#buffers;
    const { weights } = layer;
    const jobs = this.#jobs;
    this.#norm(weights.attentionNorm, x, normed, tokens, config.hidden);
    layer.queryKeyValue.run(tokens);
    this.#rotate(query, jobs.rotateQuery, config.heads, weights.queryNorm, tokens, position);
    this.#rotate(key, jobs.rotateKey, config.kvHeads, weights.keyNorm, tokens, position);
    this.#store(key, cache.keys(index), tokens, position);
    this.#store(value, cache.values(index), tokens, position);
    jobs.attention.set("keys", cache.keys(index)).set("values", cache.values(index));
    kernels.attention(jobs.attention.set("tokens", tokens).set("position", position));
    layer.attentionOutput.run(tokens);
  }

  /** x += down(swiglu(gate, up)) or down(gelu(up)), of norm(x). */
  #feedForward(layer: Layer, tokens: number): void {
    const { config } = this;
    const { x, normed } = this.#buffers;
    this.#norm(layer.weights.feedForwardNorm, x, normed, tokens, config.hidden);
    layer.gateUp.run(tokens);
    kernels.vector(this.#jobs.activation.set("count", tokens * config.feedForward));
    layer.down.run(tokens);
  }

  #norm(norm: NormWeights, input: Address, output: Address, rows: number, columns: number): void {
    const job = this.#jobs.norm.set("input", input).set("output", output);
    job.set("weight", norm.weight).set("bias", norm.bias);
    kernels.norm(job.set("rows", rows).set("columns", columns));
  }

  /** Normalises each head where the model does, and rotates it to its position, in place. */
  #rotate(
    values: Address,
    rotation: StructArray<"Rope"> | undefined,
    heads: number,
    norm: NormWeights | undefined,
    tokens: number,
    position: number,
  ): void {
    const { headDimension } = this.config;
    if (norm !== undefined) this.#norm(norm, values, values, tokens * heads, headDimension);
    if (rotation === undefined) return;
    kernels.rope(rotation.set("tokens", tokens).set("position", position));
  }

  #store(source: Address, target: Address, tokens: number, position: number): void {
    const job = this.#jobs.store.set("source", source).set("cache", target);
    kernels.cacheStore(job.set("tokens", tokens).set("position", position));
  }

  /** logits[V] = output(norm(x)) of one token of the batch. */
  #computeLogits(token: number): void {
    const { hidden } = this.config;
    const { x, normed } = this.#buffers;
    this.#norm(this.#weights.outputNorm, x + token * hidden * 4, normed, 1, hidden);
    this.#output.run(1);
  }

  async #everyLogits(tokens: number, position: number, options: ForwardOptions): Promise<void> {
    for (let token = 0; token < tokens; token++) {
      this.#computeLogits(token);
      options.onLogits!(position + token, this.#logits);
      const pause = breathe(options.signal);
      if (pause !== undefined) await pause;
    }
  }
}

type Jobs = ReturnType<typeof makeJobs>;

/** The steps' descriptions, with all that does not change from layer to layer or token to token. */
function makeJobs(
  config: ModelConfig,
  cache: KvCache,
  buffers: Buffers,
  table: RopeTable | undefined,
) {
  const { x, normed, query, key, attended, gate, up } = buffers;
  const { capacity, kvHeads, headDimension } = cache;
  const width = config.heads * headDimension;
  const stored = {
    capacity,
    kv_heads: kvHeads,
    head_dim: headDimension,
    padded_dim: cache.paddedDimension,
    cache_type: cache.type === "f32" ? 0 : 1,
  };
  const rotation = (values: Address, heads: number) =>
    config.rope &&
    new StructArray("Rope").fill({
      values,
      cosines: table!.cosines,
      sines: table!.sines,
      heads,
      head_dim: headDimension,
      rotary: config.rope.dimension,
      stride: heads * headDimension,
      halves: config.rope.halves ? 1 : 0,
      capacity,
    });
  const vector = (operation: kernels.VectorOperation, a: Address, b: Address, output: Address) => {
    const index = kernels.vectorOperations.indexOf(operation);
    return new StructArray("Vector").fill({ operation: index, a, b, output });
  };
  return {
    norm: new StructArray("Norm").fill({ epsilon: config.normEpsilon }),
    rotateQuery: rotation(query, config.heads),
    rotateKey: rotation(key, kvHeads),
    store: new StructArray("CacheStore").fill({
      ...stored,
      source_stride: kvHeads * headDimension,
    }),
    attention: new StructArray("Attention").fill({
      ...stored,
      query,
      output: attended,
      heads: config.heads,
      window: config.slidingWindow,
      query_stride: width,
      output_stride: width,
      scale: 1 / Math.sqrt(headDimension),
    }),
    activation: vector(config.activation, config.activation === "swiglu" ? gate : up, up, up),
    addPositions: vector("add", x, normed, x),
  };
}

/** Tokens a batch: about 3 billion multiply-adds in gate and up, so that Ctrl-C acts at once. */
function batchSizeFor(config: ModelConfig): number {
  const step = 2 * config.hidden * config.feedForward;
  for (const size of [256, 128, 64]) if (size * step <= 3e9) return size;
  return 32;
}

function makeLayer(weights: LayerWeights, buffers: Buffers, adapters: readonly Adapter[]): Layer {
  const { x, normed, query, key, value, attended, gate, up, low } = buffers;
  const gated = weights.gate ? [{ matrix: weights.gate, output: gate }] : [];
  const products = (targets: readonly Target[], input: Address) =>
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
