// Tells documents that a corpus has already: the same but for white space, or nearly the same. Of those
// that are alike the first stays. A pair found by hashes is compared before it counts.

import { createHash } from "node:crypto";
import { BandIndex } from "./band-index.ts";
import { bandsFor, MinHash } from "./min-hash.ts";
import { ShingleStore } from "./shingle-store.ts";
import { jaccard, shinglesOf } from "./shingles.ts";

/** Texts that differ in white space only have the same. */
export function normalHash(text: string): string {
  const normal = text.replace(/\s+/g, " ").trim();
  return createHash("sha256").update(normal).digest("base64").slice(0, 22);
}

export interface Alike {
  /** The number of the document that stays, in the order of `keep`. */
  readonly document: number;
  /** Jaccard's index of the two sets of shingles. */
  readonly similarity: number;
}

/** Documents whose shingles are alike. */
export class NearDuplicates {
  readonly #threshold: number;
  readonly #minHash: MinHash;
  readonly #index: BandIndex;
  readonly #store: ShingleStore;

  /**
   * @param threshold Jaccard's index from which two documents are alike
   * @param beside where the file of shingles is made
   */
  constructor(threshold: number, beside: string) {
    this.#threshold = threshold;
    this.#minHash = new MinHash(bandsFor(threshold));
    this.#index = new BandIndex(this.#minHash.bands);
    this.#store = new ShingleStore(beside);
  }

  /** The kept document that `text` is most probably alike to; else `text` is kept. */
  findOrKeep(text: string): Alike | undefined {
    const shingles = shinglesOf(text);
    const keys = this.#minHash.keys(shingles);
    const found = this.#find(shingles, keys);
    if (found !== undefined) return found;
    this.#index.add(keys);
    this.#store.add(shingles);
    return undefined;
  }

  close(): void {
    this.#store.close();
  }

  #find(shingles: Uint32Array, keys: Uint32Array): Alike | undefined {
    for (const document of this.#index.candidates(keys)) {
      // Sets of too different a size cannot be alike.
      const other = this.#store.length(document);
      const [less, more] = [shingles.length, other].sort((a, b) => a - b) as [number, number];
      if (less < more * this.#threshold) continue;
      const similarity = jaccard(shingles, this.#store.shingles(document));
      if (similarity >= this.#threshold) return { document, similarity };
    }
    return undefined;
  }
}
