// The forward pass of a decoder-only transformer: reads tokens into the cache, layer by layer
// (steps.ts), and gives logits. What a token gets does not depend on how tokens are batched.

import { breathe, throwIfInterrupted } from "../breathe.ts";
import { CromwellError } from "../errors.ts";
import { embed } from "../native/kernels.ts";
import { Arena, floatsAt } from "../native/memory.ts";
import { Program } from "../native/program.ts";
import type { StructArray } from "../native/struct.ts";
import type { Adapter } from "./adapter.ts";
import {
  allocateBuffers,
  type Buffers,
  bufferBytes,
  bufferSizes,
  logitsAtOnce,
} from "./buffers.ts";
import type { KvCache } from "./cache.ts";
import type { ModelConfig } from "./config.ts";
import { lowRankWidth } from "./linear.ts";
import { RopeTable } from "./rope.ts";
import { Steps, vector } from "./steps.ts";
import type { LayerWeights, Weights } from "./weights.ts";

/** Receives the logits [V] of one position; the view is only valid during the call. */
export type OnLogits = (position: number, logits: Float32Array) => void;

/** The same, and says whether what was read behind that position holds. */
export type Check = (position: number, logits: Float32Array) => boolean;

export interface ForwardOptions {
  readonly signal?: AbortSignal | undefined;
  /** Wants the logits of every position read; else only the last one's are computed. */
  readonly onLogits?: OnLogits | undefined;
  /**
   * Is asked in order of position; what was read behind the first that it says false of is forgotten,
   * and no logits of that are given.
   */
  readonly check?: Check | undefined;
}

export class Transformer {
  readonly config: ModelConfig;
  readonly cache: KvCache;
  /** Most tokens in one batch: enough to reuse each weight, little enough to be interrupted. */
  readonly batchSize: number;
  readonly #weights: Weights;
  readonly #arena: Arena;
  readonly #buffers: Buffers;
  readonly #rope: RopeTable | undefined;
  /** Adds learned positions. */
  readonly #positions: Program;
  /** All layers, and where each half of one (attention, feed-forward) ends. */
  readonly #layers: Program;
  readonly #ends: readonly number[];
  /** Of the last layer what tokens need whose logits are not wanted: others read them in the cache. */
  readonly #lastKeysAndValues: Program;
  /** Multiply-adds of such a half for one token. */
  readonly #halfWork: number;
  readonly #output: Program;
  readonly #outputNorm: StructArray<"Norm">;
  /** What the buffer of logits holds: [V] of each token; by what was asked for. */
  readonly #logits: Float32Array[] = [];

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
    const { rope, hidden } = config;
    const ropeBytes = rope ? RopeTable.size(rope, cache.capacity) : 0;
    const sizes = bufferSizes(config, this.batchSize, lowRankWidth(adapters));
    this.#arena = new Arena(bufferBytes(sizes) + ropeBytes + 256);
    const buffers = allocateBuffers(this.#arena, sizes);
    this.#buffers = buffers;
    this.#rope = rope && new RopeTable(this.#arena, rope, cache.capacity, weights.ropeDivisors);
    const steps = new Steps(config, cache, buffers, this.#rope, adapters);
    const halves = weights.layers.flatMap((layer, i) => [
      steps.attention(layer, i),
      steps.feedForward(layer, i),
    ]);
    this.#layers = new Program(halves.flat());
    this.#ends = ends(halves);
    const last = weights.layers.length - 1;
    this.#lastKeysAndValues = new Program(steps.keysAndValues(weights.layers[last]!, last));
    this.#halfWork = multiplyAdds(weights.layers[0]!) / 2;
    const { x, normed } = buffers;
    this.#positions = new Program([vector("add", x, normed, x, hidden)]);
    this.#outputNorm = steps.norm(weights.outputNorm, x);
    this.#output = new Program([this.#outputNorm, ...steps.output(weights.output)]);
  }

  /**
   * Reads `ids` at the cache's end and returns the logits [V] of the last position that is kept, a view
   * that is valid until the next call. Throws "interrupted" when the signal aborts; the cache then ends
   * where it did.
   */
  async forward(ids: ArrayLike<number>, options: ForwardOptions = {}): Promise<Float32Array> {
    const start = this.cache.length;
    if (ids.length === 0) throw new CromwellError("internal", "a forward pass of no tokens");
    if (start + ids.length > this.cache.capacity) {
      throw new CromwellError("input", `the context of ${this.cache.capacity} tokens is full`);
    }
    let logits: Float32Array | undefined;
    try {
      for (let at = 0; at < ids.length; at += this.batchSize) {
        const batch = Uint32Array.from(
          { length: Math.min(this.batchSize, ids.length - at) },
          (_, i) => ids[at + i]!,
        );
        logits = await this.#batch(batch, options, at + batch.length === ids.length);
        if (this.cache.length < start + at + batch.length) break;
      }
    } catch (error) {
      this.cache.rewind(start);
      throw error;
    }
    return logits!;
  }

  close(): void {
    this.#arena.close();
  }

  /** @returns the logits [V] of the last token that is kept, where they are computed */
  async #batch(
    ids: Uint32Array,
    options: ForwardOptions,
    last: boolean,
  ): Promise<Float32Array | undefined> {
    const position = this.cache.length;
    const tokens = ids.length;
    this.#rope?.fill(position + tokens);
    this.#embed(ids, position);
    const isEvery = (options.onLogits ?? options.check) !== undefined;
    const isWhole = isEvery || (last && tokens === 1);
    const halves = this.#ends.length - (isWhole ? 0 : 2);
    const together = this.#halvesAtOnce(tokens, position);
    for (let half = 0; half < halves; half += together) {
      const end = Math.min(half + together, halves);
      this.#layers.run(tokens, position, this.#ends[half - 1] ?? 0, this.#ends[end - 1]);
      const pause = breathe(options.signal);
      if (pause !== undefined) await pause;
    }
    if (!isWhole) {
      this.#lastLayer(tokens, position, last);
      const pause = breathe(options.signal);
      if (pause !== undefined) await pause;
    }
    this.cache.length = position + tokens;
    if (isEvery) return this.#everyLogits(tokens, position, options);
    return last ? this.#computeLogits(0, 1) : undefined;
  }

  /** Of tokens of which at most the last one's logits are wanted: what they need; x[0] is then that one's. */
  #lastLayer(tokens: number, position: number, isWanted: boolean): void {
    this.#lastKeysAndValues.run(tokens, position);
    if (!isWanted) return;
    const { hidden } = this.config;
    const { x } = this.#buffers;
    floatsAt(x, hidden).set(floatsAt(x + (tokens - 1) * hidden * 4, hidden));
    this.#layers.run(1, position + tokens - 1, this.#ends.at(-3) ?? 0, this.#ends.at(-1));
  }

  /** Halves of layers in one call: about 300 million multiply-adds, so that Ctrl-C acts at once. */
  #halvesAtOnce(tokens: number, position: number): number {
    const { heads, headDimension } = this.config;
    const attention = (position + tokens) * heads * headDimension;
    return Math.max(1, Math.floor(3e8 / ((this.#halfWork + attention) * tokens)));
  }

  /** x[T][D] = embedding rows, plus learned positions. */
  #embed(ids: Uint32Array, position: number): void {
    const { embedding, positions } = this.#weights;
    const { hidden } = this.config;
    const { x, normed } = this.#buffers;
    embed(embedding.type, embedding.address, [embedding.rows, hidden], ids, x);
    if (positions === undefined) return;
    const places = Uint32Array.from(ids, (_, i) => position + i);
    embed(positions.type, positions.address, [positions.rows, hidden], places, normed);
    this.#positions.run(ids.length);
  }

  /** logits[count][V] = output(norm(x)) of tokens of the batch; returns the last one's. */
  #computeLogits(first: number, count: number): Float32Array {
    this.#outputNorm.set("input", this.#buffers.x + first * this.config.hidden * 4);
    this.#output.run(count);
    return this.#logitsOf(count - 1);
  }

  /** A view is made when it is asked for: JavaScript's memory counts it, and would tidy up at start. */
  #logitsOf(index: number): Float32Array {
    const { vocabulary } = this.config;
    this.#logits[index] ??= floatsAt(this.#buffers.logits + index * vocabulary * 4, vocabulary);
    return this.#logits[index];
  }

  /** Gives each position's logits in turn, as long as they are wanted. */
  async #everyLogits(
    tokens: number,
    position: number,
    { signal, onLogits, check }: ForwardOptions,
  ): Promise<Float32Array | undefined> {
    let last: Float32Array | undefined;
    for (let first = 0; first < tokens; first += logitsAtOnce) {
      const count = Math.min(logitsAtOnce, tokens - first);
      last = this.#computeLogits(first, count);
      for (let i = 0; i < count; i++) {
        throwIfInterrupted(signal);
        const at = position + first + i;
        onLogits?.(at, this.#logitsOf(i));
        if (check === undefined || check(at, this.#logitsOf(i))) continue;
        this.cache.rewind(at + 1);
        return this.#logitsOf(i);
      }
      const pause = breathe(signal);
      if (pause !== undefined) await pause;
    }
    return last;
  }
}

/** Where each of several lists ends when they follow each other. */
function ends(lists: readonly (readonly unknown[])[]): number[] {
  let end = 0;
  return lists.map(({ length }) => {
    end += length;
    return end;
  });
}

/** Multiply-adds of a layer's products for one token. */
function multiplyAdds({
  query,
  key,
  value,
  attentionOutput,
  gate,
  up,
  down,
}: LayerWeights): number {
  const matrices = [query, key, value, attentionOutput, gate, up, down];
  return matrices.reduce((sum, matrix) => sum + (matrix ? matrix.rows * matrix.columns : 0), 0);
}

/** Tokens a batch: about 3 billion multiply-adds in gate and up, so that Ctrl-C acts at once. */
function batchSizeFor(config: ModelConfig): number {
  const step = 2 * config.hidden * config.feedForward;
  for (const size of [256, 128, 64]) if (size * step <= 3e9) return size;
  return 32;
}
