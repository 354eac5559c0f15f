// Finds sets that are probably alike without comparing all: MinHash (Broder 1997), whose values agree as
// often as two sets are alike, and bands of them as keys (locality-sensitive hashing).

import { mixed } from "./tokens.ts";

/** Values of a signature at most. */
const valuesMax = 128;

/** How many pairs as alike as the threshold are found; more of those that are more alike. */
const recall = 0.99;

export interface Bands {
  readonly bands: number;
  /** Values of a band: all of them must agree. */
  readonly rows: number;
}

/** The longest bands, which let the fewest others through, that still find what is alike enough. */
export function bandsFor(threshold: number): Bands {
  for (let rows = valuesMax; rows > 1; rows--) {
    const bands = Math.floor(valuesMax / rows);
    if (1 - (1 - threshold ** rows) ** bands >= recall) return { bands, rows };
  }
  return { bands: valuesMax, rows: 1 };
}

export class MinHash {
  readonly bands: number;
  readonly rows: number;
  readonly #factors: Uint32Array;
  readonly #summands: Uint32Array;
  readonly #least: Uint32Array;

  constructor({ bands, rows }: Bands) {
    this.bands = bands;
    this.rows = rows;
    const values = bands * rows;
    this.#factors = Uint32Array.from({ length: values }, (_, i) => mixed(2 * i + 1) | 1);
    this.#summands = Uint32Array.from({ length: values }, (_, i) => mixed(2 * i + 2));
    this.#least = new Uint32Array(values);
  }

  /** A key for each band of a set's signature. */
  keys(set: Uint32Array): Uint32Array {
    const least = this.#least.fill(0xffff_ffff);
    for (let value = 0; value < least.length; value++) {
      const factor = this.#factors[value]!;
      const summand = this.#summands[value]!;
      let found = 0xffff_ffff;
      for (let at = 0; at < set.length; at++) {
        const hash = (Math.imul(set[at]!, factor) + summand) >>> 0;
        if (hash < found) found = hash;
      }
      least[value] = found;
    }
    const keys = new Uint32Array(this.bands);
    for (let band = 0; band < this.bands; band++) {
      let key = mixed(band + 1);
      for (let row = 0; row < this.rows; row++) {
        key = Math.imul(key, 0x9e3779b1) + least[band * this.rows + row]!;
      }
      keys[band] = mixed(key);
    }
    return keys;
  }
}
