// Ways in which a model could say an edit: the whole text; the text with runs of unchanged lines left out,
// for the program to fill in; and changes with the lines that they replace, which must occur once.

import { type Change, lineChanges } from "../../src/patch/line-changes.ts";

export interface Answer {
  readonly text: string;
  /** Whether a program can tell what it means: each place that it names is one place. */
  readonly isClear: boolean;
}

export type Format = (before: readonly string[], after: readonly string[]) => Answer;

/** What stands for lines that are left out. */
const ellipsis = "...";

export const formats: Readonly<Record<string, Format>> = {
  whole: (_, after) => ({ text: after.join("\n"), isClear: true }),
  elided: (before, after) => {
    const hunks = hunksOf(before, after);
    const parts: string[] = [];
    let old = 0;
    for (const { oldStart, oldEnd, newStart, newEnd } of hunks) {
      if (oldStart > old) parts.push(ellipsis);
      parts.push(...after.slice(newStart, newEnd));
      old = oldEnd;
    }
    if (old < before.length) parts.push(ellipsis);
    return { text: parts.join("\n"), isClear: hunks.every((hunk) => isOnce(before, hunk)) };
  },
  anchors: (before, after) => {
    const hunks = hunksOf(before, after);
    const parts = hunks.flatMap(({ oldStart, oldEnd, newStart, newEnd }) => [
      "<<<<",
      ...before.slice(oldStart, oldEnd),
      "====",
      ...after.slice(newStart, newEnd),
      ">>>>",
    ]);
    return { text: parts.join("\n"), isClear: hunks.every((hunk) => isOnce(before, hunk)) };
  },
};

/** The changes with as many unchanged lines round each as it takes for what they replace to occur once. */
function hunksOf(before: readonly string[], after: readonly string[]): Change[] {
  const grown: Change[] = [];
  for (const change of lineChanges(before, after)) {
    const hunk = { ...change };
    // An unchanged line on each side tells where it begins and ends.
    const grow = () => {
      const [up, down] = [hunk.oldStart > 0, hunk.oldEnd < before.length];
      if (up) [hunk.oldStart, hunk.newStart] = [hunk.oldStart - 1, hunk.newStart - 1];
      if (down) [hunk.oldEnd, hunk.newEnd] = [hunk.oldEnd + 1, hunk.newEnd + 1];
      return up || down;
    };
    grow();
    while (!isOnce(before, hunk) && grow());
    const last = grown.at(-1);
    if (last === undefined || hunk.oldStart > last.oldEnd) grown.push(hunk);
    else Object.assign(last, { oldEnd: hunk.oldEnd, newEnd: hunk.newEnd });
  }
  return grown;
}

/** Whether the lines that a hunk replaces stand in one place only. */
function isOnce(before: readonly string[], { oldStart, oldEnd }: Change): boolean {
  const lines = before.slice(oldStart, oldEnd);
  const places = before.filter((_, at) => lines.every((line, i) => before[at + i] === line));
  return places.length === 1;
}
