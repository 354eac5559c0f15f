// Which of several answers to one instruction is the best: one that parses and keeps what is there, then
// the one that names nothing unknown, changes least, and that the model finds most probable. Those of an
// edit adapter come in the order of what it finds likeliest: the first that is acceptable is the best.

import type { Verdict } from "./verdict.ts";

export interface Candidate extends Verdict {
  /** Mean of the logarithms of its tokens' probabilities; null where there was nothing to compare. */
  readonly logProbability: number | null;
}

/** Indices of the candidates, the best first; equals stay in their order. */
export function rank(candidates: readonly Candidate[]): number[] {
  return sorted(candidates.map(sortKey));
}

/** The same for candidates that come in the order of their likelihood. */
export function rankLikeliestFirst(candidates: readonly Candidate[]): number[] {
  return sorted(candidates.map((candidate) => sortKey(candidate).slice(0, 2)));
}

function sorted(keys: readonly (readonly number[])[]): number[] {
  return keys.map((_, index) => index).sort((a, b) => compare(keys[a]!, keys[b]!) || a - b);
}

const statuses = ["edited", "rejected", "unchanged"];

function sortKey({ status, checks, logProbability }: Candidate): number[] {
  return [
    statuses.indexOf(status),
    Math.max(0, checks.newFaults ?? 0),
    checks.lost.length,
    checks.droppedLines,
    checks.unresolved?.length ?? 0,
    checks.changedLines,
    -(logProbability ?? 0),
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
