// What a decoder-only transformer computes, as steps of a program: here one reads what a layer does.
// T = tokens of a batch, D = hidden, H and K = query and KV heads, C = head dimension,
// F = feed-forward width, V = vocabulary.

import { type VectorOperation, vectorOperations } from "../native/kernels.ts";
import type { Address } from "../native/memory.ts";
import type { StepJob } from "../native/program.ts";
import { StructArray } from "../native/struct.ts";
import type { Adapter } from "./adapter.ts";
import type { Buffers } from "./buffers.ts";
import type { KvCache } from "./cache.ts";
import { cacheTypes } from "./cache-type.ts";
import type { ModelConfig } from "./config.ts";
import { linear, type Target } from "./linear.ts";
import { coarseBelow } from "./precision.ts";
import type { RopeTable } from "./rope.ts";
import type { LayerWeights, Matrix, NormWeights } from "./weights.ts";

export class Steps {
  readonly #config: ModelConfig;
  readonly #cache: KvCache;
  readonly #buffers: Buffers;
  readonly #adapters: readonly Adapter[];
  readonly #rotateQuery: StructArray<"Rope">[];
  readonly #rotateKey: StructArray<"Rope">[];
  readonly #activation: StructArray<"Vector">;

  constructor(
    config: ModelConfig,
    cache: KvCache,
    buffers: Buffers,
    rope: RopeTable | undefined,
    adapters: readonly Adapter[],
  ) {
    this.#config = config;
    this.#cache = cache;
    this.#buffers = buffers;
    this.#adapters = adapters;
    const { query, key, gate, up } = buffers;
    this.#rotateQuery = this.#rotation(query, config.heads, rope);
    this.#rotateKey = this.#rotation(key, config.kvHeads, rope);
    const gated = config.activation === "swiglu";
    this.#activation = vector(config.activation, gated ? gate : up, up, up, config.feedForward);
  }

  /** x += output(attention(rotate(q), rotate(k), v)), all of norm(x). */
  attention(weights: LayerWeights, layer: number): StepJob[] {
    const { x, normed, query, attended } = this.#buffers;
    const precision = coarseBelow(layer, this.#config.layers);
    const projections = [{ matrix: weights.query, output: query }, ...this.#keyAndValue(weights)];
    return [
      this.norm(weights.attentionNorm, x),
      ...this.#linear(projections, normed, precision.queryKeyValue),
      ...this.#headNorm(weights.queryNorm, query, this.#config.heads),
      ...this.#rotateQuery,
      ...this.#keep(weights, layer),
      this.#attend(layer),
      ...this.#linear(
        [{ matrix: weights.attentionOutput, output: x, accumulate: true }],
        attended,
        precision.attentionOutput,
      ),
    ];
  }

  /** What attention of later tokens needs of these: rotate(k) and v, of norm(x), in the cache. */
  keysAndValues(weights: LayerWeights, layer: number): StepJob[] {
    const { x, normed } = this.#buffers;
    const { queryKeyValue } = coarseBelow(layer, this.#config.layers);
    return [
      this.norm(weights.attentionNorm, x),
      ...this.#linear(this.#keyAndValue(weights), normed, queryKeyValue),
      ...this.#keep(weights, layer),
    ];
  }

  /** x += down(swiglu(gate, up)) or down(gelu(up)), of norm(x). */
  feedForward(weights: LayerWeights, layer: number): StepJob[] {
    const { x, normed, gate, up } = this.#buffers;
    const precision = coarseBelow(layer, this.#config.layers);
    const gated = weights.gate ? [{ matrix: weights.gate, output: gate }] : [];
    return [
      this.norm(weights.feedForwardNorm, x),
      ...this.#linear([...gated, { matrix: weights.up, output: up }], normed, precision.gateUp),
      this.#activation,
      ...this.#linear([{ matrix: weights.down, output: x, accumulate: true }], up, precision.down),
    ];
  }

  /** logits[T][V] = output(normed). */
  output(matrix: Matrix): StepJob[] {
    const { normed, logits } = this.#buffers;
    return this.#linear([{ matrix, output: logits }], normed);
  }

  /** normed[T][D] = norm(input[T][D]). */
  norm({ weight, bias }: NormWeights, input: Address): StructArray<"Norm"> {
    const { hidden, normEpsilon } = this.#config;
    const places = { input, weight, bias, output: this.#buffers.normed };
    return new StructArray("Norm").fill({
      ...places,
      rows: 1,
      columns: hidden,
      epsilon: normEpsilon,
    });
  }

  #linear(targets: readonly Target[], input: Address, coarseBelow = 0): StepJob[] {
    return linear(targets, { input, coarseBelow, low: this.#buffers.low }, this.#adapters);
  }

  #keyAndValue({ key, value }: LayerWeights): Target[] {
    return [
      { matrix: key, output: this.#buffers.key },
      { matrix: value, output: this.#buffers.value },
    ];
  }

  /** Keys, rotated, and values go to the cache. */
  #keep({ keyNorm }: LayerWeights, layer: number): StepJob[] {
    const { key, value } = this.#buffers;
    return [
      ...this.#headNorm(keyNorm, key, this.#config.kvHeads),
      ...this.#rotateKey,
      this.#store("keys", key, layer),
      this.#store("values", value, layer),
    ];
  }

  /** Normalises each head in place, where the model does. */
  #headNorm(norm: NormWeights | undefined, values: Address, heads: number): StepJob[] {
    if (norm === undefined) return [];
    const { headDimension, normEpsilon } = this.#config;
    const places = { input: values, weight: norm.weight, bias: norm.bias, output: values };
    const shape = { rows: heads, columns: headDimension };
    return [new StructArray("Norm").fill({ ...places, ...shape, epsilon: normEpsilon })];
  }

  /** Rotates each head to its position, in place. */
  #rotation(values: Address, heads: number, table: RopeTable | undefined): StructArray<"Rope">[] {
    const { rope, headDimension } = this.#config;
    if (rope === undefined || table === undefined) return [];
    const job = new StructArray("Rope").fill({
      values,
      cosines: table.cosines,
      sines: table.sines,
      heads,
      head_dim: headDimension,
      rotary: rope.dimension,
      stride: heads * headDimension,
      halves: rope.halves ? 1 : 0,
      capacity: this.#cache.capacity,
    });
    return [job];
  }

  #cached() {
    const { paddedCapacity, kvHeads, headDimension, paddedDimension, type } = this.#cache;
    const shape = { kv_heads: kvHeads, head_dim: headDimension, padded_dim: paddedDimension };
    return { ...shape, capacity: paddedCapacity, cache_type: cacheTypes.indexOf(type) };
  }

  #store(which: "keys" | "values", source: Address, layer: number): StructArray<"CacheStore"> {
    const { kvHeads, headDimension } = this.#config;
    const places = { source, cache: this.#cache[which](layer) };
    const shape = { source_stride: kvHeads * headDimension, keys: which === "keys" ? 1 : 0 };
    return new StructArray("CacheStore").fill({ ...this.#cached(), ...places, ...shape });
  }

  #attend(layer: number): StructArray<"Attention"> {
    const { heads, headDimension, slidingWindow } = this.#config;
    const width = heads * headDimension;
    return new StructArray("Attention").fill({
      ...this.#cached(),
      query: this.#buffers.query,
      keys: this.#cache.keys(layer),
      values: this.#cache.values(layer),
      output: this.#buffers.attended,
      heads,
      window: slidingWindow,
      query_stride: width,
      output_stride: width,
      scale: 1 / Math.sqrt(headDimension),
    });
  }
}

/** output[count] = operation(a[count], b[count]), for each token. */
export function vector(
  operation: VectorOperation,
  a: Address,
  b: Address,
  output: Address,
  count: number,
): StructArray<"Vector"> {
  const index = vectorOperations.indexOf(operation);
  return new StructArray("Vector").fill({ operation: index, a, b, output, count });
}
