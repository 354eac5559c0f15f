// Which sets have a band in common: a hash table over all bands of all sets, in flat arrays so that a set
// costs eight bytes a band and a little more.

const none = -1;

export class BandIndex {
  readonly #bands: number;
  /** Of each set in turn, the keys of its bands. */
  #keys: Uint32Array;
  /** The entry before this one in the same slot. */
  #next: Int32Array;
  #slots: Int32Array;
  #entries = 0;

  constructor(bands: number) {
    this.#bands = bands;
    const size = 1 << 12;
    this.#keys = new Uint32Array(size);
    this.#next = new Int32Array(size);
    this.#slots = new Int32Array(size).fill(none);
  }

  /** Adds a set under the next number, from 0. */
  add(keys: Uint32Array): void {
    if (this.#entries + this.#bands > this.#keys.length) this.#grow();
    for (const key of keys) {
      this.#keys[this.#entries] = key;
      this.#link(this.#entries++);
    }
  }

  /** The sets that have one of these bands, those with most of them first, then by number. */
  candidates(keys: Uint32Array): number[] {
    const counts = new Map<number, number>();
    for (const [band, key] of keys.entries()) {
      for (let entry = this.#first(key); entry !== none; entry = this.#next[entry]!) {
        if (this.#keys[entry] !== key || entry % this.#bands !== band) continue;
        const set = Math.floor(entry / this.#bands);
        counts.set(set, (counts.get(set) ?? 0) + 1);
      }
    }
    const found = [...counts].sort(([a, inA], [b, inB]) => inB - inA || a - b);
    return found.map(([set]) => set);
  }

  #first(key: number): number {
    return this.#slots[key & (this.#slots.length - 1)]!;
  }

  #link(entry: number): void {
    const slot = this.#keys[entry]! & (this.#slots.length - 1);
    this.#next[entry] = this.#slots[slot]!;
    this.#slots[slot] = entry;
  }

  #grow(): void {
    const size = this.#keys.length * 2;
    const keys = new Uint32Array(size);
    keys.set(this.#keys);
    this.#keys = keys;
    this.#next = new Int32Array(size);
    this.#slots = new Int32Array(size).fill(none);
    for (let entry = 0; entry < this.#entries; entry++) this.#link(entry);
  }
}
