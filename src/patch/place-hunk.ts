// Finds where a hunk belongs: at the stated place if it fits there, else at the only other place where
// all its old lines stand. A hunk that fits in several is not guessed, and one that fits nowhere is
// explained by the first line that differs.

import { type PatchHunk, refusal } from "./patch.ts";
import type { Steps } from "./steps.ts";
import type { TargetText } from "./target-text.ts";

export interface Place {
  /** Line of the target, from 0, where the old lines begin. */
  readonly at: number;
  /** What stands there, and what it becomes. */
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  /** Lines between the stated place and this one; negative: above it. */
  readonly offset: number;
  /** Context lines that were left out at either end. */
  readonly fuzz: number;
}

/** What has been placed so far; hunks are placed in their order. */
export interface Progress {
  /** First line of the target that no hunk has taken. */
  floor: number;
  /** Lines added less lines removed. */
  grown: number;
  /** Lines of the target that hunks have taken, as [from, to). */
  readonly taken: (readonly [number, number])[];
}

interface Sides {
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  /** Context lines left out at the start. */
  readonly skipped: number;
}

/** Throws CromwellError "rejected" with the reason where the hunk has no place that is certain. */
export function* placeHunk(
  target: TargetText,
  hunk: PatchHunk,
  done: Progress,
  fuzz: number,
): Steps<Place> {
  for (let level = 0; ; level++) {
    const sides = sidesOf(hunk, level);
    const place = sides === undefined ? undefined : yield* find(target, hunk, done, sides, level);
    if (sides !== undefined && place !== undefined) return place;
    if (level >= fuzz) throw yield* misfit(target, hunk, done);
  }
}

function* find(
  target: TargetText,
  hunk: PatchHunk,
  done: Progress,
  sides: Sides,
  fuzz: number,
): Steps<Place | undefined> {
  const { oldLines, newLines, skipped } = sides;
  const stated = statedPlace(target, hunk, done) + skipped;
  const isFree = (at: number) => isUntaken(done, at, at + oldLines.length);
  const placed = (at: number) => ({ at, oldLines, newLines, offset: at - stated, fuzz });
  const { start, end } = fuzz === 0 ? anchorsOf(hunk) : { start: false, end: false };
  if (start || end) {
    const at = start ? 0 : target.lineCount - oldLines.length;
    if (end && at + oldLines.length !== target.lineCount) return undefined;
    const { lineCount } = target;
    if (oldLines.length === 0 && lineCount > 0 && hunk.oldStart !== lineCount) return undefined;
    return at >= done.floor && target.has(oldLines, at) ? placed(at) : undefined;
  }
  if (stated >= done.floor && target.has(oldLines, stated)) return placed(stated);
  const [place, ...others] = yield* target.places(oldLines, 3, isFree);
  if (place === undefined) return undefined;
  if (others.length > 0) throw ambiguous(hunk, [place, ...others]);
  if (place < done.floor) {
    throw refusal(
      `${describe(hunk)} fits only at line ${place + 1}, above the place of the hunk before it`,
    );
  }
  return placed(place);
}

/**
 * A hunk whose old side begins at line 1 belongs to the file's start, and one without lines after its
 * change to its end, as git has it: nothing else would show that the file goes on.
 */
function anchorsOf(hunk: PatchHunk): { start: boolean; end: boolean } {
  return { start: hunk.oldStart <= 1, end: !hunk.lines.at(-1)!.startsWith(" ") };
}

/** Where the header says that the new lines stand, in the target's own lines. */
function statedPlace(target: TargetText, hunk: PatchHunk, done: Progress): number {
  const at = Math.max(0, hunk.newStart - 1) - done.grown;
  return Math.max(0, Math.min(at, target.lineCount));
}

/** The lines of both sides, `fuzz` context lines at most left out at each end; undefined: none left. */
function sidesOf({ lines }: PatchHunk, fuzz: number): Sides | undefined {
  const isChange = (line: string) => !line.startsWith(" ");
  const leading = lines.findIndex(isChange);
  const trailing = lines.length - 1 - lines.findLastIndex(isChange);
  const skipped = Math.min(fuzz, leading);
  const kept = lines.slice(skipped, lines.length - Math.min(fuzz, trailing));
  const side = (other: string) =>
    kept.filter((line) => !line.startsWith(other)).map((line) => line.slice(1));
  const oldLines = side("+");
  if (fuzz > 0 && oldLines.length === 0) return undefined;
  return { oldLines, newLines: side("-"), skipped };
}

/** The taken ranges are in order and apart: only the last that begins before `to` can reach in. */
function isUntaken({ taken }: Progress, from: number, to: number): boolean {
  let low = 0;
  let high = taken.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (taken[middle]![0] < to) low = middle + 1;
    else high = middle;
  }
  return low === 0 || taken[low - 1]![1] <= from;
}

function ambiguous(hunk: PatchHunk, places: readonly number[]): Error {
  const lines = places.map((at) => at + 1);
  const shown = lines.length > 2 ? `${lines.slice(0, 2).join(", ")} and more` : lines.join(" and ");
  return refusal(
    `${describe(hunk)} does not fit at its place, and fits at lines ${shown}: it is not guessed which`,
    moreContext,
  );
}

const moreContext = "make the patch with more lines of context";

function describe(hunk: PatchHunk): string {
  return `the hunk of line ${hunk.line}`;
}

/** Why a hunk fits nowhere: the first line that differs, at the place where most lines agree. */
function* misfit(target: TargetText, hunk: PatchHunk, done: Progress): Steps<Error> {
  const what = describe(hunk);
  const { oldLines, newLines } = sidesOf(hunk, 0)!;
  const stated = statedPlace(target, hunk, done);
  if (oldLines.length === 0) {
    return refusal(`${what} has no line that shows where in the file it belongs`, moreContext);
  }
  const at = yield* target.closest(oldLines, stated);
  const differs = oldLines.findIndex((line, i) => {
    return at + i >= target.lineCount || !target.isLine(line, at + i);
  });
  const already = target.has(newLines, stated) ? "it seems to be applied already" : undefined;
  if (differs < 0) return refusal(`${what} ${whyNotThere(target, hunk, done, at)}`, already);
  const expected = shown(oldLines[differs]!);
  const line = at + differs;
  if (line >= target.lineCount) {
    const end = `the file ends after line ${target.lineCount}`;
    return refusal(`${what} does not fit: ${end}, where ${expected} should follow`, already);
  }
  const found = shown(target.line(line));
  const place = `line ${line + 1} should be ${expected} and is ${found}`;
  return refusal(`${what} does not fit: ${place}`, already);
}

/** All lines stand at line `at`, and still it is not the place. */
function whyNotThere(target: TargetText, hunk: PatchHunk, done: Progress, at: number): string {
  if (at < done.floor) return `overlaps the one before it, at line ${at + 1}`;
  const { start, end } = anchorsOf(hunk);
  const last = at + hunk.oldCount;
  if (end && last !== target.lineCount) {
    return `has no line after its change, so that it must end the file; its lines end at line ${last}`;
  }
  const side = start ? "begin" : "end";
  return `must ${side} the file; its lines are at line ${at + 1}`;
}

/** A line for a message: escaped, cut, and whether its newline is missing. */
function shown(line: string): string {
  const text = Buffer.from(line.replace(/\n$/, ""), "latin1").toString("utf8");
  const cut = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return JSON.stringify(cut) + (line.endsWith("\n") ? "" : " without a newline");
}
