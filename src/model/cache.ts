// The keys and values of every position read so far: [layers][KV heads][capacity][head dimension],
// keys and values apart; keys in f16 lie turned, 16 positions side by side for each dimension. The
// address space of the whole capacity is reserved at once; physical memory is taken as positions
// are written, and is zero before.

import { tensorTypes } from "../formats/tensor-type.ts";
import { dequantize } from "../native/kernels.ts";
import { type Address, Arena, bytesAt, floatsAt } from "../native/memory.ts";
import type { ModelConfig } from "./config.ts";

/** In the order of CacheType in kernels/table.zig. */
export const cacheTypes = ["f32", "f16"] as const;
export type CacheType = (typeof cacheTypes)[number];

/** Heads are padded with zeros to whole vectors of the widest table. */
const padding = 16;

/** Positions of a block of turned keys. */
const turned = 16;

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
  /** The same in whole blocks of turned keys: what the layout counts with. */
  readonly paddedCapacity: number;
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
    this.paddedCapacity = Math.ceil(capacity / turned) * turned;
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
    return this.kvHeads * this.paddedCapacity * this.paddedDimension * elementBytes(this.type);
  }

  /** Address of a layer's keys. */
  keys(layer: number): Address {
    return this.#keys + layer * this.#layerBytes;
  }

  values(layer: number): Address {
    return this.#values + layer * this.#layerBytes;
  }

  /** A copy of one stored head, [head dimension] of f32. */
  read(which: "keys" | "values", layer: number, head: number, position: number): Float32Array {
    const { headDimension, paddedDimension, type } = this;
    const start = which === "keys" ? this.keys(layer) : this.values(layer);
    const row = head * this.paddedCapacity + position;
    if (type === "f32") return floatsAt(start + row * paddedDimension * 4, headDimension).slice();
    if (which === "values") return halves(start + row * paddedDimension * 2, headDimension);
    const column = row % turned;
    const block = start + (row - column) * paddedDimension * 2;
    return halves(block, headDimension * turned).filter((_, i) => i % turned === column);
  }

  /** Forgets all positions from `length` on. */
  rewind(length: number): void {
    this.length = Math.min(this.length, length);
  }

  close(): void {
    this.#arena.close();
  }
}

function halves(at: Address, count: number): Float32Array {
  return dequantize(tensorTypes.F16, bytesAt(at, count * 2), count);
}
