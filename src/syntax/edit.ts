// Where two texts differ, as tree-sitter wants to be told: one stretch, by offset and by position. The
// rest of a tree is then parsed again only where the difference reaches.

import { Edit } from "web-tree-sitter";

/** The one stretch of `before` that is replaced to give `after`. */
export function difference(before: string, after: string): Edit {
  const start = commonStart(before, after);
  const end = commonEnd(before, after, start);
  const oldEndIndex = before.length - end;
  const newEndIndex = after.length - end;
  return new Edit({
    startIndex: start,
    oldEndIndex,
    newEndIndex,
    startPosition: positionOf(before, start),
    oldEndPosition: positionOf(before, oldEndIndex),
    newEndPosition: positionOf(after, newEndIndex),
  });
}

function commonStart(before: string, after: string): number {
  const most = Math.min(before.length, after.length);
  let at = 0;
  while (at < most && before.charCodeAt(at) === after.charCodeAt(at)) at++;
  return at;
}

/** Characters that both end with, without those of the common start. */
function commonEnd(before: string, after: string, start: number): number {
  const most = Math.min(before.length, after.length) - start;
  let count = 0;
  while (
    count < most &&
    before.charCodeAt(before.length - 1 - count) === after.charCodeAt(after.length - 1 - count)
  ) {
    count++;
  }
  return count;
}

/** Row and column of an offset. */
export function positionOf(text: string, offset: number): { row: number; column: number } {
  let row = 0;
  let lineStart = 0;
  for (;;) {
    const newline = text.indexOf("\n", lineStart);
    if (newline < 0 || newline >= offset) return { row, column: offset - lineStart };
    row++;
    lineStart = newline + 1;
  }
}
