// The keys and values of every position read so far: [layers][KV heads][capacity][head dimension],
// keys and values apart. The address space of the whole capacity is reserved at once; physical
// memory is taken as positions are written, and is zero before.

import { tensorTypes } from "../formats/tensor-type.ts";
import { dequantize } from "../native/kernels.ts";
import { type Address, Arena, bytesAt, floatsAt } from "../native/memory.ts";
import type { ModelConfig } from "./config.ts";

export type CacheType = "f32" | "f16";

/** Heads are padded with zeros to whole vectors of the widest table. */
const padding = 16;

function padded(headDimension: number): number {
  return Math.ceil(headDimension / padding) * padding;
}

function elementBytes(type: CacheType): number {
  return type === "f32" ? 4 : 2;
}

export class KvCache {
  readonly type: CacheType;
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  readonly paddedDimension: number;
  readonly capacity: number;
  /** Positions that hold keys and values. */
  length = 0;
  readonly #arena: Arena;
  readonly #keys: Address;
  readonly #values: Address;

  constructor(
    config: Pick<ModelConfig, "layers" | "kvHeads" | "headDimension">,
    capacity: number,
    type: CacheType,
  ) {
    this.type = type;
    this.layers = config.layers;
    this.kvHeads = config.kvHeads;
    this.headDimension = config.headDimension;
    this.paddedDimension = padded(config.headDimension);
    this.capacity = capacity;
    const half = this.#layerBytes * this.layers;
    this.#arena = new Arena(2 * half + 256);
    this.#keys = this.#arena.allocate(half);
    this.#values = this.#arena.allocate(half);
  }

  /** Bytes that one position takes in all layers, keys and values. */
  static bytesPerPosition(
    config: Pick<ModelConfig, "layers" | "kvHeads" | "headDimension">,
    type: CacheType,
  ): number {
    return 2 * config.layers * config.kvHeads * padded(config.headDimension) * elementBytes(type);
  }

  get #layerBytes(): number {
    return this.kvHeads * this.capacity * this.paddedDimension * elementBytes(this.type);
  }

  /** Address of a layer's keys, [KV heads][capacity][padded dimension]. */
  keys(layer: number): Address {
    return this.#keys + layer * this.#layerBytes;
  }

  values(layer: number): Address {
    return this.#values + layer * this.#layerBytes;
  }

  /** A copy of one stored head, [head dimension] of f32. */
  read(which: "keys" | "values", layer: number, head: number, position: number): Float32Array {
    const row = (head * this.capacity + position) * this.paddedDimension * elementBytes(this.type);
    const at = (which === "keys" ? this.keys(layer) : this.values(layer)) + row;
    if (this.type === "f32") return floatsAt(at, this.headDimension).slice();
    return dequantize(tensorTypes.F16, bytesAt(at, this.headDimension * 2), this.headDimension);
  }

  /** Forgets all positions from `length` on. */
  rewind(length: number): void {
    this.length = Math.min(this.length, length);
  }

  close(): void {
    this.#arena.close();
  }
}
