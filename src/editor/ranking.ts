// Which of several answers to one instruction is the best: one that parses and keeps what is there, then
// the one that names nothing unknown, changes least, and that the model finds most probable.

import type { Verdict } from "./verdict.ts";

export interface Candidate extends Verdict {
  /** Mean of the logarithms of its tokens' probabilities; null where there was nothing to compare. */
  readonly logProbability: number | null;
}

/** Indices of the candidates, the best first; equals stay in their order. */
export function rank(candidates: readonly Candidate[]): number[] {
  const keys = candidates.map(sortKey);
  return candidates.map((_, index) => index).sort((a, b) => compare(keys[a]!, keys[b]!) || a - b);
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
