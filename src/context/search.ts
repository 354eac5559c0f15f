// BM25 over the units of several indexes as if they were one (Robertson and Zaragoza, "The
// Probabilistic Relevance Framework", 2009). Only the postings of the query's words are looked at.

import type { IndexTable } from "./index-table.ts";
import { countOf, unitOf } from "./postings.ts";

/** How soon more of the same word stops counting, and how much a long unit is held against. */
const saturation = 1.2;
const lengthShare = 0.6;

/** A query: hashes of words, each with how much it matters. */
export type Query = ReadonlyMap<number, number>;

/**
 * The score of every unit, by its number, of each index in turn: the share, from 0 to 1, of what a unit
 * of nothing but the query's words would tend to.
 */
export function search(tables: readonly IndexTable[], query: Query): Float64Array[] {
  const scores = tables.map((table) => new Float64Array(table.units));
  const count = tables.reduce((sum, table) => sum + table.units, 0);
  const total = tables.reduce((sum, table) => sum + table.columns.wordsInAll[0]!, 0);
  const terms = termsOf(tables, query, count);
  const best = terms.reduce((sum, { importance }) => sum + importance * (saturation + 1), 0) || 1;
  const length = total / Math.max(count, 1);
  for (const { hash, importance } of terms) {
    for (const [at, table] of tables.entries()) {
      add(scores[at]!, table, hash, importance / best, length);
    }
  }
  return scores;
}

interface Term {
  readonly hash: number;
  readonly importance: number;
}

/** The query's words that tell units apart, rare ones counting more. */
function termsOf(tables: readonly IndexTable[], query: Query, count: number): Term[] {
  return Array.from(query).flatMap(([hash, weight]) => {
    const frequency = tables.reduce((sum, table) => sum + frequencyIn(table, hash), 0);
    if (frequency === 0 || tables.some((table) => table.isCommon(hash))) return [];
    const rarity = Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5));
    return [{ hash, importance: weight * rarity }];
  });
}

/** How many units have a word. */
function frequencyIn(table: IndexTable, hash: number): number {
  const [from, to] = table.postingsOf(hash);
  return to - from;
}

function add(
  scores: Float64Array,
  table: IndexTable,
  hash: number,
  importance: number,
  averageLength: number,
): void {
  const { posting, words } = table.columns;
  const [from, to] = table.postingsOf(hash);
  for (let at = from; at < to; at++) {
    const unit = unitOf(posting[at]!);
    const times = countOf(posting[at]!);
    const length = 1 - lengthShare + (lengthShare * words[unit]!) / averageLength;
    scores[unit]! += (importance * times * (saturation + 1)) / (times + saturation * length);
  }
}
