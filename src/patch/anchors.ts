// Lines that two long texts surely share, found in about linear time: those that occur once in each
// (Bram Cohen's patience diff), or, where no line does, short runs of lines that do.

import type { Steps } from "./steps.ts";

/** Runs of more lines than this are not tried. */
const runMax = 64;

/**
 * Pairs of positions whose values are equal, both rising. They are unique on either side, or begin a
 * run that is; none where every run of up to 64 values is repeated.
 */
export function* anchors(
  old: readonly number[],
  recent: readonly number[],
): Steps<[number, number][]> {
  if (Math.max(old.length, recent.length) >= namesMax / 2) return [];
  let oldRuns: Int32Array = Int32Array.from(old);
  let newRuns: Int32Array = Int32Array.from(recent);
  for (let length = 1; length <= runMax; length *= 2) {
    const pairs = uniquePairs(oldRuns, newRuns);
    if (pairs.length > 0) return longestRising(pairs);
    yield;
    const names = new Map<number, number>();
    oldRuns = doubled(oldRuns, length, names);
    newRuns = doubled(newRuns, length, names);
  }
  return [];
}

/** More names than this would no longer fit beside each other into a number. */
const namesMax = 2 ** 26;

/** Names for runs twice as long: two runs that follow each other make one. */
function doubled(runs: Int32Array, length: number, names: Map<number, number>): Int32Array {
  const longer = new Int32Array(Math.max(0, runs.length - length));
  for (let at = 0; at < longer.length; at++) {
    const key = runs[at]! * namesMax + runs[at + length]!;
    const known = names.get(key);
    longer[at] = known ?? names.size;
    if (known === undefined) names.set(key, names.size);
  }
  return longer;
}

/** Positions of the values that occur once on each side, in the old order. */
function uniquePairs(old: Int32Array, recent: Int32Array): [number, number][] {
  const newPositions = positionsOfUnique(recent);
  const pairs: [number, number][] = [];
  for (const [value, at] of positionsOfUnique(old)) {
    const partner = newPositions.get(value);
    if (at >= 0 && partner !== undefined && partner >= 0) pairs.push([at, partner]);
  }
  return pairs;
}

/** Where each value stands, -1 if it is repeated. */
function positionsOfUnique(values: Int32Array): Map<number, number> {
  const positions = new Map<number, number>();
  for (const [at, value] of values.entries()) positions.set(value, positions.has(value) ? -1 : at);
  return positions;
}

/** The longest subsequence of `pairs` whose second positions rise. */
function longestRising(pairs: readonly [number, number][]): [number, number][] {
  const before = new Int32Array(pairs.length);
  /** For each length the pair that ends a rising sequence of it lowest. */
  const ends: number[] = [];
  for (const [index, [, position]] of pairs.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[ends[middle]!]![1] < position) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : ends[low - 1]!;
    ends[low] = index;
  }
  const rising: [number, number][] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]!) rising.push(pairs[at]!);
  return rising.reverse();
}
