// The keys and values of every position read so far: [layers][KV heads][capacity][head dimension],
// keys and values apart, laid out as kernels/cache_layout.zig tells. The address space of the whole
// capacity is reserved at once; physical memory is taken as positions are written, and is zero before.

import { tensorTypes } from "../formats/tensor-type.ts";
import { dequantize } from "../native/kernels.ts";
import { type Address, Arena, bytesAt, floatsAt } from "../native/memory.ts";
import type { CacheType } from "./cache-type.ts";
import type { ModelConfig } from "./config.ts";

/** Heads are padded with zeros to whole vectors of the widest table. */
const padding = 16;

/** Positions of a block of keys. */
const block = 16;

function padded(headDimension: number): number {
  return Math.ceil(headDimension / padding) * padding;
}

/** Bytes of one head at one position: of q8_0 a byte an element and a scale. */
function headBytes(type: CacheType, headDimension: number): number {
  const elements = padded(headDimension);
  return type === "q8_0" ? elements + 4 : elements * (type === "f32" ? 4 : 2);
}

export class KvCache {
  readonly type: CacheType;
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  readonly paddedDimension: number;
  readonly capacity: number;
  /** The same in whole blocks of keys: what the layout counts with. */
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
    this.paddedCapacity = Math.ceil(capacity / block) * block;
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
    return 2 * config.layers * config.kvHeads * headBytes(type, config.headDimension);
  }

  get #layerBytes(): number {
    return this.kvHeads * this.paddedCapacity * headBytes(this.type, this.headDimension);
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
    const start = this[which](layer);
    if (type === "q8_0") return this.#readBytes(which, start, head, position);
    const row = head * this.paddedCapacity + position;
    if (type === "f32") return floatsAt(start + row * paddedDimension * 4, headDimension).slice();
    if (which === "values") {
      return halves(bytesAt(start + row * paddedDimension * 2, headDimension * 2));
    }
    const column = row % block;
    const first = start + (row - column) * paddedDimension * 2;
    const bytes = bytesAt(first, headDimension * block * 2);
    return halves(
      Uint8Array.from({ length: headDimension * 2 }, (_, i) => {
        return bytes[((i >> 1) * block + column) * 2 + (i & 1)]!;
      }),
    );
  }

  #readBytes(which: "keys" | "values", start: Address, head: number, position: number) {
    const { headDimension, paddedDimension, paddedCapacity } = this;
    const first = start + head * paddedCapacity * headBytes(this.type, headDimension);
    const scale = floatsAt(first + paddedCapacity * paddedDimension + position * 4, 1)[0]!;
    const isKey = which === "keys";
    const together = isKey ? block : 2;
    const column = position % together;
    const size = together * paddedDimension;
    const bytes = bytesAt(first + (position - column) * paddedDimension, size);
    const values = Float32Array.from({ length: headDimension }, (_, d) => {
      const at = isKey ? ((d >> 1) * block + column) * 2 + (d & 1) : 2 * d + column;
      return scale * ((bytes[at]! << 24) >> 24);
    });
    return isKey ? turnedBack(values) : values;
  }

  /** Forgets all positions from `length` on. */
  rewind(length: number): void {
    this.length = Math.min(this.length, length);
  }

  close(): void {
    this.#arena.close();
  }
}

function halves(bytes: Uint8Array): Float32Array {
  return dequantize(tensorTypes.F16, bytes, bytes.length / 2);
}

/** Undoes what kernels/ops/hadamard.zig does to a key, in place. */
function turnedBack(key: Float32Array): Float32Array {
  const order = key.length & -key.length;
  for (let step = 1; step < order; step *= 2) {
    for (let i = 0; i < key.length; i++) {
      if (i & step) continue;
      const [a, b] = [key[i]!, key[i + step]!];
      key[i] = a + b;
      key[i + step] = a - b;
    }
  }
  return key.map((value) => value / order);
}
