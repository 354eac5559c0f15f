// Numbers that depend on a seed and on what they are for, and on nothing that happened before: a run
// that is resumed draws what it would have drawn.

/** 32 bits of all the numbers given, each a whole number (MurmurHash3's mixing and finaliser). */
export function mix(...numbers: readonly number[]): number {
  let hash = 0x2f0b4c47;
  for (const number of numbers) {
    // The upper half of a position beyond 32 bits counts too.
    for (const half of [number >>> 0, Math.floor(number / 2 ** 32) >>> 0]) {
      let k = Math.imul(half, 0xcc9e2d51);
      k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
      hash ^= k;
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A stream of numbers in [0, 1) from a seed. */
export class Random {
  #drawn = 0;

  constructor(readonly seed: number) {}

  next(): number {
    return mix(this.seed, this.#drawn++) / 2 ** 32;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
}

/**
 * The place of `index` in an order of `count` things that the seed chooses, without holding that order: a
 * Feistel network over the next power of four, walked until it comes back below `count`.
 */
export function shuffled(index: number, count: number, seed: number): number {
  let half = 1;
  while (4 ** half < count) half++;
  const size = 2 ** half;
  let place = index;
  do {
    let left = Math.floor(place / size);
    let right = place % size;
    for (let round = 0; round < 4; round++) {
      [left, right] = [right, (left ^ mix(seed, round, right)) & (size - 1)];
    }
    place = left * size + right;
  } while (place >= count);
  return place;
}
