// The Mersenne Twister (Matsumoto and Nishimura, 1998) as NumPy's RandomState draws from it, so that a
// split by seed has the rows that pandas' DataFrame.sample gives.

const size = 624;
const middle = 397;

export class MersenneTwister {
  readonly #state = new Uint32Array(size);
  #next = size;

  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < size; i++) {
      const last = this.#state[i - 1]!;
      this.#state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
    }
  }

  /** 0, 1 ... count - 1 in a random order: RandomState.permutation. */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let last = count - 1; last > 0; last--) {
      const other = this.#upTo(last);
      [order[last], order[other]] = [order[other]!, order[last]!];
    }
    return order;
  }

  /** A whole number from 0 to `most`: drawn below the next power of two until it fits. */
  #upTo(most: number): number {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (this.#draw() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  #draw(): number {
    if (this.#next === size) this.#renew();
    let y = this.#state[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #renew(): void {
    const state = this.#state;
    for (let i = 0; i < size; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
      state[i] = state[(i + middle) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
