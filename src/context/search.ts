// BM25 over the units of an index (Robertson and Zaragoza, "The Probabilistic Relevance Framework",
// 2009). There are no posting lists: a query's words are looked for in one pass over all words of all
// units, some millions a few milliseconds, and a changed file costs no inversion.

import { type IndexTable, unitKind } from "./index-table.ts";

/** How soon more of the same word stops counting, and how much a long unit is held against. */
const saturation = 1.2;
const lengthShare = 0.6;

/** A query: hashes of words, each with how much it matters. */
export type Query = ReadonlyMap<number, number>;

export interface Found {
  readonly table: IndexTable;
  readonly unit: number;
  /** The share of what a unit with all of the query's words would score, from 0 to 1. */
  readonly score: number;
}

/** A hash table of the query, with a small field of bits that answers most questions with no. */
class QueryTable {
  readonly hashes: Int32Array;
  readonly weights: Float64Array;
  /** Units that hold each word. */
  readonly frequencies: Float64Array;
  /** Not 0 for the low bits of each word of the query. */
  readonly bits = new Uint8Array(1 << 16);
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(query: Query) {
    this.hashes = Int32Array.from(query.keys());
    this.weights = Float64Array.from(query.values());
    this.frequencies = new Float64Array(query.size);
    let size = 16;
    while (size < query.size * 4) size *= 2;
    this.#mask = size - 1;
    this.#slots = new Int32Array(size);
    for (let index = 0; index < this.hashes.length; index++) {
      const hash = this.hashes[index]!;
      this.bits[hash & 0xffff] = 1;
      let at = (hash >>> 16) & this.#mask;
      while (this.#slots[at] !== 0) at = (at + 1) & this.#mask;
      this.#slots[at] = index + 1;
    }
  }

  /** The word's number in the query, -1 where it is none of it. */
  find(hash: number): number {
    for (let at = (hash >>> 16) & this.#mask; ; at = (at + 1) & this.#mask) {
      const slot = this.#slots[at]!;
      if (slot === 0) return -1;
      if (this.hashes[slot - 1] === hash) return slot - 1;
    }
  }
}

/** Where the query's words occur in one index: unit, word of the query, how often. */
interface Matches {
  readonly units: number[];
  readonly words: number[];
  readonly counts: number[];
}

/**
 * The score of every unit that holds a word of the query, of several indexes as if they were one.
 * @param without files, by number, of the first index that are not looked at
 */
export function search(tables: readonly IndexTable[], query: Query, without: number): Found[] {
  const words = new QueryTable(query);
  const matches = tables.map((table, index) => match(table, words, index === 0 ? without : -1));
  const count = tables.reduce((sum, table) => sum + table.units, 0);
  const length = tables.reduce((sum, table) => sum + totalWords(table), 0) / Math.max(count, 1);
  const importance = words.weights.map((weight, index) => {
    const frequency = words.frequencies[index]!;
    if (frequency === 0) return 0;
    return weight * Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5));
  });
  const best = importance.reduce((sum, value) => sum + value, 0) * (saturation + 1);
  if (best === 0) return [];
  return tables.flatMap((table, index) =>
    scores(table, matches[index]!, importance, length).map(([unit, score]) => ({
      table,
      unit,
      score: score / best,
    })),
  );
}

function totalWords(table: IndexTable): number {
  let total = 0;
  const { words } = table.columns;
  for (let unit = 0; unit < words.length; unit++) total += words[unit]!;
  return total;
}

/** Notes each occurrence, and counts the units of each word in `words.frequencies`. */
function match(table: IndexTable, words: QueryTable, without: number): Matches {
  const { word, count, firstWord, firstUnit } = table.columns;
  const { bits } = words;
  const found: Matches = { units: [], words: [], counts: [] };
  const skipFrom = without < 0 ? word.length : firstWord[firstUnit[without]!]!;
  const skipTo = without < 0 ? word.length : firstWord[firstUnit[without + 1]!]!;
  let unit = 0;
  for (let at = 0; at < word.length; at++) {
    if (bits[word[at]! & 0xffff] === 0) continue;
    if (at >= skipFrom && at < skipTo) continue;
    const number = words.find(word[at]!);
    if (number < 0) continue;
    while (firstWord[unit + 1]! <= at) unit++;
    words.frequencies[number]!++;
    found.units.push(unit);
    found.words.push(number);
    found.counts.push(count[at]!);
  }
  return found;
}

function scores(
  table: IndexTable,
  matches: Matches,
  importance: Float64Array,
  averageLength: number,
): [unit: number, score: number][] {
  const { words, kind } = table.columns;
  const found: [number, number][] = [];
  for (let at = 0; at < matches.units.length; ) {
    const unit = matches.units[at]!;
    const length = 1 - lengthShare + (lengthShare * words[unit]!) / averageLength;
    let score = 0;
    for (; at < matches.units.length && matches.units[at] === unit; at++) {
      const count = matches.counts[at]!;
      score +=
        (importance[matches.words[at]!]! * count * (saturation + 1)) /
        (count + saturation * length);
    }
    if (score > 0 && kind[unit] !== unitKind.secret) found.push([unit, score]);
  }
  return found;
}
