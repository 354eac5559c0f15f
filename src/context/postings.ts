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

/** As a signed number, which is sooner handled; a column of unsigned ones keeps the same bits. */
function postingOf(unit: number, count: number): number {
  return (unit << countBits) | Math.min(count, countMax);
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
  /** The numbers of words that `old` does not have; those that it has are numbered by their place. */
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
    const old = this.#old.word;
    const hashes = [...old.values(), ...this.#numbers.keys()];
    const word = Int32Array.from(hashes.filter((_, number) => sizes[number]! > 0)).sort();
    const firstPosting = new Uint32Array(word.length + 1);
    /** Where the next posting of each word goes, by its number. */
    const next = new Uint32Array(sizes.length);
    for (let at = 0, place = 0; at < word.length; at++) {
      while (old[place]! < word[at]!) place++;
      const number = old[place] === word[at] ? place : this.#numbers.get(word[at]!)!;
      next[number] = firstPosting[at]!;
      firstPosting[at + 1] = firstPosting[at]! + sizes[number]!;
    }
    const posting = new Uint32Array(firstPosting[word.length]!);
    this.#each((number, value) => {
      posting[next[number]!++] = value;
    });
    return { word, firstPosting, posting };
  }

  /** How many postings each word has, by its number. */
  #sizes(): Uint32Array {
    const sizes = new Uint32Array(this.#old.word.length + this.#numbers.size);
    this.#each((number) => sizes[number]!++);
    return sizes;
  }

  /** Those of the old index that stay, then the new ones. */
  #each(use: (number: number, posting: number) => void): void {
    const { word, firstPosting, posting } = this.#old;
    const places = this.#places;
    for (let number = 0; number < word.length; number++) {
      const end = firstPosting[number + 1]!;
      for (let at = firstPosting[number]!; at < end; at++) {
        const place = places[unitOf(posting[at]!)]!;
        if (place >= 0) use(number, postingOf(place, countOf(posting[at]!)));
      }
    }
    const [numbers, postings] = [this.#number.view(), this.#posting.view()];
    for (let at = 0; at < numbers.length; at++) use(numbers[at]!, postings[at]!);
  }

  #numberOf(hash: number): number {
    const place = placeOf(hash, this.#old.word);
    if (place >= 0) return place;
    const known = this.#numbers.get(hash);
    if (known !== undefined) return known;
    const number = this.#old.word.length + this.#numbers.size;
    this.#numbers.set(hash, number);
    return number;
  }
}
