// Which line of a new text is which line of the old one: the unchanged lines of a diff.
// Both the stored line endings and the choice of a region's new text stand on it.

import { lineChanges } from "./line-changes.ts";

/**
 * For each line of `after` the index of the equal line of `before` that it continues, or undefined
 * for a new line. The indices rise.
 */
export function alignLines(
  before: readonly string[],
  after: readonly string[],
): (number | undefined)[] {
  const origin: (number | undefined)[] = [];
  let old = 0;
  const keep = (end: number) => {
    while (origin.length < end) origin.push(old++);
  };
  for (const { newStart, newEnd, oldEnd } of lineChanges(before, after)) {
    keep(newStart);
    while (origin.length < newEnd) origin.push(undefined);
    old = oldEnd;
  }
  keep(after.length);
  return origin;
}

/** How alike two texts are, 0 to 1: twice the lines in common over all lines, blank ones aside. */
export function similarity(before: string, after: string): number {
  const left = countLines(before);
  const right = countLines(after);
  let common = 0;
  let total = 0;
  for (const [line, count] of left) {
    common += Math.min(count, right.get(line) ?? 0);
    total += count;
  }
  for (const count of right.values()) total += count;
  return total === 0 ? 0 : (2 * common) / total;
}

function countLines(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split("\n")) {
    const key = line.trim();
    if (key !== "") counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
