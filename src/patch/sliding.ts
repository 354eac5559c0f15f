// A run of added or removed lines can often stand a few lines higher or lower and mean the same. It
// is put where a person would: onto another change that it reaches, else where its ends fit the
// text's indentation and blank lines best, as in git's indent heuristic.

import { compareSplits, splitCost } from "./indentation.ts";
import type { Change } from "./line-changes.ts";

type Lines = readonly string[];

/** Lines that a run is moved at most, in one go. */
const slideMax = 2000;

/** Places that are compared, the lowest ones. */
const placesMax = 100;

/** `changes` moved to where they read best; those that come to touch become one. */
export function slideChanges(before: Lines, after: Lines, changes: readonly Change[]): Change[] {
  const settled: Change[] = [];
  const ahead = [...changes].reverse();
  for (let change = ahead.pop(); change !== undefined; change = ahead.pop()) {
    const run = runOf(change, before, after);
    const previous = settled.at(-1);
    const next = ahead.at(-1);
    // A change of both kinds stays where its two sides meet.
    if (run === undefined) {
      settled.push(change);
      continue;
    }
    const above = change.oldStart - (previous?.oldEnd ?? 0);
    const below = (next?.oldStart ?? before.length) - change.oldEnd;
    const up = reachUp(run, above);
    if (previous !== undefined && up === above) {
      ahead.push(union(settled.pop()!, moved(change, -up)));
      continue;
    }
    const down = reachDown(run, below);
    if (next !== undefined && down === below) {
      ahead.push(union(moved(change, down), ahead.pop()!));
      continue;
    }
    settled.push(moved(change, bestShift(run, up, down)));
  }
  return settled;
}

/** Lines [start, end) of a text. */
interface Run {
  readonly lines: Lines;
  readonly start: number;
  readonly end: number;
}

/** The lines that are only added or only removed. */
function runOf(change: Change, before: Lines, after: Lines): Run | undefined {
  const { oldStart, oldEnd, newStart, newEnd } = change;
  if (oldStart === oldEnd) return { lines: after, start: newStart, end: newEnd };
  if (newStart === newEnd) return { lines: before, start: oldStart, end: oldEnd };
  return undefined;
}

function moved({ oldStart, oldEnd, newStart, newEnd }: Change, by: number): Change {
  return {
    oldStart: oldStart + by,
    oldEnd: oldEnd + by,
    newStart: newStart + by,
    newEnd: newEnd + by,
  };
}

/** Two changes without lines between them as one. */
function union(first: Change, second: Change): Change {
  return { ...first, oldEnd: second.oldEnd, newEnd: second.newEnd };
}

function reachUp({ lines, start, end }: Run, limit: number): number {
  const most = Math.min(limit, slideMax);
  let up = 0;
  while (up < most && lines[start - up - 1] === lines[end - up - 1]) up++;
  return up;
}

function reachDown({ lines, start, end }: Run, limit: number): number {
  const most = Math.min(limit, slideMax);
  let down = 0;
  while (down < most && lines[start + down] === lines[end + down]) down++;
  return down;
}

/** The shift whose two ends cost least; of equal ones the lowest place. */
function bestShift({ lines, start, end }: Run, up: number, down: number): number {
  if (up === 0 && down === 0) return 0;
  const first = Math.max(-up, down - placesMax);
  let best = first;
  let least = splitCost(lines, start + first, end + first);
  for (let shift = first + 1; shift <= down; shift++) {
    const cost = splitCost(lines, start + shift, end + shift);
    if (compareSplits(cost, least) > 0) continue;
    best = shift;
    least = cost;
  }
  return best;
}
