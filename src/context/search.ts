// BM25 over the units of several indexes as if they were one (Robertson and Zaragoza, "The
// Probabilistic Relevance Framework", 2009). Only the postings of the query's words are looked at.

import type { IndexTable } from "./index-table.ts";
import { countOf, unitOf } from "./postings.ts";

/** How soon more of the same word stops counting, and how much a long unit is held against. */
const saturation = 1.2;
const lengthShare = 0.6;

/**
 * In an index of many units a word that more than this share of them have is passed over: it hardly
 * tells them apart, and looking at all that have it takes longer than all other words.
 */
export const commonShare = 0.25;
export const manyUnits = 10_000;

/** A query: hashes of words, each with how much it matters. */
export type Query = ReadonlyMap<number, number>;

/**
 * The score of every unit, by its number, of each index in turn: the share, from 0 to 1, of what a unit
 * of nothing but the query's words would tend to.
 */
export function search(tables: readonly IndexTable[], query: Query): Float64Array[] {
  const scores = tables.map((table) => new Float64Array(table.units));
  const count = tables.reduce((sum, table) => sum + table.units, 0);
  const length = tables.reduce((sum, table) => sum + totalWords(table), 0) / Math.max(count, 1);
  let best = 0;
  for (const [hash, weight] of query) {
    const frequency = tables.reduce((sum, table) => sum + frequencyIn(table, hash), 0);
    if (frequency === 0 || (count > manyUnits && frequency > commonShare * count)) continue;
    const importance = weight * Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5));
    best += importance * (saturation + 1);
    for (const [at, table] of tables.entries()) add(scores[at]!, table, hash, importance, length);
  }
  for (const column of scores) {
    for (let unit = 0; unit < column.length; unit++) column[unit]! /= best || 1;
  }
  return scores;
}

function totalWords(table: IndexTable): number {
  const { words } = table.columns;
  let total = 0;
  for (let unit = 0; unit < words.length; unit++) total += words[unit]!;
  return total;
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
