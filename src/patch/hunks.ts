// The changes between two texts as hunks: changed lines with the lines around them, and the line that
// says in which function or class they are.

import type { Unit } from "../syntax/units.ts";
import { type Change, lineChangeSteps } from "./line-changes.ts";
import { LineSections, type Sections, UnitSections } from "./sections.ts";
import { slideChanges } from "./sliding.ts";
import type { Steps } from "./steps.ts";

export type LineKind = "context" | "removed" | "added";

export interface HunkLine {
  readonly kind: LineKind;
  /** The line with its end; the last one of a text may have none. */
  readonly text: string;
}

/** Positions as a unified diff has them: from 1, and of an empty range the line before it. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** The line above the hunk that a function or the like begins with; "" where none is. */
  readonly section: string;
  readonly lines: readonly HunkLine[];
}

export interface HunkOptions {
  /** Unchanged lines around each change. Default 3; with 0, git needs --unidiff-zero. */
  readonly context?: number;
  /** The functions, classes … of the old text, where it is parsed: a hunk says in which it is. */
  readonly units?: readonly Unit[] | undefined;
}

/** Lines with their ends: only LF ends one, so that CR and form feeds stay what they are. */
export function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start) + 1 || text.length;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

/** The hunks that turn `before` into `after`. */
export function* hunkSteps(
  before: string,
  after: string,
  { context = 3, units }: HunkOptions,
): Steps<Hunk[]> {
  const old = linesOf(before);
  yield;
  const recent = linesOf(after);
  const changes = slideChanges(old, recent, yield* lineChangeSteps(old, recent));
  const sections = units === undefined ? new LineSections(old) : new UnitSections(old, units);
  const hunks: Hunk[] = [];
  for (const group of grouped(changes, 2 * context)) {
    hunks.push(hunkOf(group, old, recent, context, sections));
    yield;
  }
  return hunks;
}

/** Changes with at most `gap` lines between them stand in one hunk. */
function* grouped(changes: readonly Change[], gap: number): Generator<Change[]> {
  let group: Change[] = [];
  for (const change of changes) {
    const last = group.at(-1);
    if (last !== undefined && change.oldStart - last.oldEnd > gap) {
      yield group;
      group = [];
    }
    group.push(change);
  }
  if (group.length > 0) yield group;
}

function hunkOf(
  changes: readonly Change[],
  old: readonly string[],
  recent: readonly string[],
  context: number,
  sections: Sections,
): Hunk {
  const first = changes[0]!;
  const last = changes.at(-1)!;
  const lead = Math.min(context, first.oldStart);
  const oldStart = first.oldStart - lead;
  const newStart = first.newStart - lead;
  const trail = Math.min(context, old.length - last.oldEnd);
  const oldLines = last.oldEnd + trail - oldStart;
  const newLines = last.newEnd + trail - newStart;
  const lines: HunkLine[] = [];
  const take = (kind: LineKind, from: readonly string[], start: number, end: number) => {
    for (let at = start; at < end; at++) lines.push({ kind, text: from[at]! });
  };
  let at = oldStart;
  for (const change of changes) {
    take("context", old, at, change.oldStart);
    take("removed", old, change.oldStart, change.oldEnd);
    take("added", recent, change.newStart, change.newEnd);
    at = change.oldEnd;
  }
  take("context", old, at, last.oldEnd + trail);
  return {
    oldStart: oldLines === 0 ? oldStart : oldStart + 1,
    oldLines,
    newStart: newLines === 0 ? newStart : newStart + 1,
    newLines,
    section: sections.above(oldStart),
    lines,
  };
}
