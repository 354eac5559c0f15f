// Tables of cosines and sines for rotary position embedding (Su et al., RoFormer, 2021), filled as
// positions are reached: a whole context's table would cost more than the first token.

import { type Address, type Arena, floatsAt } from "../native/memory.ts";
import type { RopeConfig } from "./config.ts";

/** Positions added at a time: few, for the first token waits for them. */
const step = 32;

/**
 * Angle per position of each pair, in radians: [dimension / 2]. `divisors` are those of the file's
 * tensor, which come before what its metadata say.
 */
export function frequencies(rope: RopeConfig, divisors = rope.divisors): Float64Array {
  return Float64Array.from(
    { length: rope.dimension / 2 },
    (_, i) => rope.base ** ((-2 * i) / rope.dimension) / (divisors?.[i] ?? 1),
  );
}

export class RopeTable {
  readonly cosines: Address;
  readonly sines: Address;
  readonly #frequencies: Float64Array;
  readonly #capacity: number;
  #filled = 0;

  /** Tables of [capacity, dimension / 2] in `arena`. */
  constructor(arena: Arena, rope: RopeConfig, capacity: number, divisors?: Float32Array) {
    this.#frequencies = frequencies(rope, divisors);
    this.#capacity = capacity;
    this.cosines = arena.allocate(RopeTable.size(rope, capacity) / 2);
    this.sines = arena.allocate(RopeTable.size(rope, capacity) / 2);
  }

  static size(rope: RopeConfig, capacity: number): number {
    return capacity * rope.dimension * 4;
  }

  /** Makes positions below `end` ready. */
  fill(end: number): void {
    if (end <= this.#filled) return;
    const first = this.#filled;
    const last = Math.min(this.#capacity, Math.ceil(end / step) * step);
    const pairs = this.#frequencies.length;
    const offset = first * pairs * 4;
    const cosines = floatsAt(this.cosines + offset, (last - first) * pairs);
    const sines = floatsAt(this.sines + offset, (last - first) * pairs);
    for (let position = first, at = 0; position < last; position++) {
      for (let i = 0; i < pairs; i++, at++) {
        const angle = position * this.#frequencies[i]!;
        cosines[at] = Math.cos(angle);
        sines[at] = Math.sin(angle);
      }
    }
    this.#filled = last;
  }
}
