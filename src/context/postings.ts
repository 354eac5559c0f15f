// For each word the units that have it, word by word, so that a search reads the rows of its own words
// alone; and how such rows are made of new units and of those that stay of an older index.

import { Column } from "./columns.ts";
import type { Columns } from "./index-table.ts";

/** The columns of an index that hold them (index-table.ts). */
export type Postings = Pick<Columns, "word" | "firstPosting" | "posting">;

/** How often a unit has a word is told in so many bits, the number of the unit in the others. */
const countBits = 8;
export const countMax = 2 ** countBits - 1;
export const unitsMax = 2 ** (32 - countBits);

export function unitOf(posting: number): number {
  return posting >>> countBits;
}

export function countOf(posting: number): number {
  return posting & countMax;
}

function postingOf(unit: number, count: number): number {
  return ((unit << countBits) | Math.min(count, countMax)) >>> 0;
}

/** Where a word stands, -1 where it does not. */
export function placeOf(hash: number, word: Int32Array): number {
  let low = 0;
  let high = word.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (word[middle]! < hash) low = middle + 1;
    else high = middle;
  }
  return word[low] === hash ? low : -1;
}

export class PostingBuilder {
  readonly #old: Postings;
  readonly #places: Int32Array;
  /** The words' numbers, in the order in which they came. */
  readonly #numbers = new Map<number, number>();
  readonly #number = new Column(Uint32Array);
  readonly #posting = new Column(Uint32Array);

  /** @param places where each unit of `old` comes to be by the end, -1 where it goes */
  constructor(old: Postings, places: Int32Array) {
    this.#old = old;
    this.#places = places;
  }

  /** How many were added. */
  get added(): number {
    return this.#posting.length;
  }

  add(hash: number, unit: number, count: number): void {
    this.#number.push(this.#numberOf(hash));
    this.#posting.push(postingOf(unit, count));
  }

  finish(): Postings {
    const sizes = this.#sizes();
    const hashes = Array.from(this.#numbers.keys());
    const numbers = Uint32Array.from(hashes.keys()).filter((number) => sizes[number]! > 0);
    numbers.sort((a, b) => hashes[a]! - hashes[b]!);
    const firstPosting = new Uint32Array(numbers.length + 1);
    /** Where the next posting of each word goes, by its number. */
    const next = new Uint32Array(hashes.length);
    for (const [at, number] of numbers.entries()) {
      next[number] = firstPosting[at]!;
      firstPosting[at + 1] = firstPosting[at]! + sizes[number]!;
    }
    const posting = new Uint32Array(firstPosting[numbers.length]!);
    this.#each((number, value) => {
      posting[next[number]!++] = value;
    });
    const word = Int32Array.from(numbers, (number) => hashes[number]!);
    return { word, firstPosting, posting };
  }

  /** How many postings each word has, by its number. */
  #sizes(): Uint32Array {
    for (const hash of this.#old.word) this.#numberOf(hash);
    const sizes = new Uint32Array(this.#numbers.size);
    this.#each((number) => sizes[number]!++);
    return sizes;
  }

  /** Those of the old index that stay, then the new ones. */
  #each(use: (number: number, posting: number) => void): void {
    const { word, firstPosting, posting } = this.#old;
    for (let at = 0; at < word.length; at++) {
      const number = this.#numberOf(word[at]!);
      for (let from = firstPosting[at]!; from < firstPosting[at + 1]!; from++) {
        const place = this.#places[unitOf(posting[from]!)]!;
        if (place >= 0) use(number, postingOf(place, countOf(posting[from]!)));
      }
    }
    const [numbers, postings] = [this.#number.view(), this.#posting.view()];
    for (let at = 0; at < numbers.length; at++) use(numbers[at]!, postings[at]!);
  }

  #numberOf(hash: number): number {
    const known = this.#numbers.get(hash);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(hash, number);
    return number;
  }
}
