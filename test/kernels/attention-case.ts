// One attention problem for the tests: a filled cache, queries, the fused kernel's answer for any
// range of tokens, and the same in f64 (QK^T, stable softmax, times V).

import { KvCache } from "../../src/model/cache.ts";
import { type CacheType, cacheTypes } from "../../src/model/cache-type.ts";
import { attention, cacheStore } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { random, type Tensor, type Workspace } from "./machine.ts";

export interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly dimension: number;
  /** Positions that the cache holds; the queries are the last `tokens` of them. */
  readonly positions: number;
  readonly tokens: number;
  readonly window?: number;
  readonly type?: CacheType;
  /** Size of queries and keys: large ones make scores that only a stable softmax survives. */
  readonly magnitude?: number;
}

export class AttentionCase {
  readonly cache: KvCache;
  readonly queries: Tensor;
  readonly output: Tensor;
  readonly first: number;
  readonly width: number;

  constructor(
    space: Workspace,
    readonly shape: AttentionShape,
  ) {
    const { heads, kvHeads, dimension, positions, tokens, type = "f32", magnitude = 1 } = shape;
    this.cache = new KvCache({ layers: 1, kvHeads, headDimension: dimension }, positions + 3, type);
    this.width = heads * dimension;
    this.first = positions - tokens;
    this.queries = space.tensor(random(dimension, tokens * this.width, magnitude));
    this.output = space.zeros(tokens * this.width);
    const [keys, values] = [21, 22].map((seed) => random(seed, positions * kvHeads * dimension));
    this.#store("keys", space.tensor(keys!.map((key) => key * magnitude)));
    this.#store("values", space.tensor(values!));
  }

  #store(which: "keys" | "values", source: Tensor): void {
    const { kvHeads, dimension, positions, type = "f32" } = this.shape;
    cacheStore(
      new StructArray("CacheStore").fill({
        source: source.address,
        cache: this.cache[which](0),
        keys: which === "keys" ? 1 : 0,
        capacity: this.cache.paddedCapacity,
        tokens: positions,
        kv_heads: kvHeads,
        head_dim: dimension,
        padded_dim: this.cache.paddedDimension,
        position: 0,
        cache_type: cacheTypes.indexOf(type),
        source_stride: kvHeads * dimension,
      }),
    );
  }

  /** Fills `output` for the tokens [from, to) of the queries in one call. */
  run(from = 0, to = this.shape.tokens): void {
    const { heads, kvHeads, dimension, window = 0, type = "f32" } = this.shape;
    attention(
      new StructArray("Attention").fill({
        query: this.queries.address + from * this.width * 4,
        keys: this.cache.keys(0),
        values: this.cache.values(0),
        output: this.output.address + from * this.width * 4,
        capacity: this.cache.paddedCapacity,
        tokens: to - from,
        heads,
        kv_heads: kvHeads,
        head_dim: dimension,
        padded_dim: this.cache.paddedDimension,
        position: this.first + from,
        window,
        cache_type: cacheTypes.indexOf(type),
        query_stride: this.width,
        output_stride: this.width,
        scale: 1 / Math.sqrt(dimension),
      }),
    );
  }

  /** The whole answer in f64, over keys and values as the cache stores them. */
  truth(): Float64Array {
    const { heads, kvHeads, dimension, tokens } = this.shape;
    const result = new Float64Array(tokens * this.width);
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor((head * kvHeads) / heads);
      const [keys, values] = (["keys", "values"] as const).map((which) =>
        Array.from({ length: this.shape.positions }, (_, at) =>
          this.cache.read(which, 0, kvHead, at),
        ),
      ) as [Float32Array[], Float32Array[]];
      for (let token = 0; token < tokens; token++) {
        const at = token * this.width + head * dimension;
        const query = this.queries.values.subarray(at, at + dimension);
        result.set(this.#attend(query, keys, values, this.first + token), at);
      }
    }
    return result;
  }

  #attend(query: Float32Array, keys: Float32Array[], values: Float32Array[], position: number) {
    const { dimension, window = 0 } = this.shape;
    const from = window === 0 ? 0 : Math.max(0, position + 1 - window);
    const scores = keys
      .slice(from, position + 1)
      .map((key) => key.reduce((sum, k, i) => sum + k * query[i]!, 0) / Math.sqrt(dimension));
    const highest = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - highest));
    const total = weights.reduce((a, b) => a + b, 0);
    const sums = new Float64Array(dimension);
    weights.forEach((weight, i) => {
      const value = values[from + i]!;
      for (let d = 0; d < dimension; d++) sums[d]! += (weight / total) * value[d]!;
    });
    return sums;
  }
}
