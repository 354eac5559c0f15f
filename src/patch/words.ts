// Which words changed within changed lines: each removed line is paired with the added line that it
// became, and the two are compared word by word. Lines with little in common have no such words.

import { diffArrays } from "diff";
import type { HunkLine } from "./hunks.ts";

/** Characters [start, end) of a line, in UTF-16 units. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The changed words of the lines that have some, by the line's index. */
export type ChangedWords = ReadonlyMap<number, readonly Range[]>;

/** Longer lines are not looked into: nobody reads them word by word. */
const lineLengthMax = 4096;

/** Pairs of lines that are compared at most in one change and in one hunk. */
const changePairsMax = 10_000;
const hunkPairsMax = 50_000;

/** Lines of a change of more pairs that are compared in turn. */
const pairsInTurnMax = 1000;

/** Words that differ at most in a pair of lines. */
const changedWordsMax = 200;

/** How much of two lines must be alike, of their characters that are no white space. */
const alikeMin = 0.5;

/**
 * The changed words in the lines of a hunk, those of removed and added ones alike. In very large hunks
 * only the first changes have some.
 */
export function changedWords(lines: readonly HunkLine[]): ChangedWords {
  const words = new Map<number, readonly Range[]>();
  let pairsLeft = hunkPairsMax;
  for (let at = 0; at < lines.length && pairsLeft > 0; ) {
    const middle = endOfKind(lines, at, "removed");
    const end = endOfKind(lines, middle, "added");
    pairsLeft -= Math.min(changePairsMax, (middle - at) * (end - middle));
    for (const [removed, added] of pairs(lines, at, middle, end)) {
      const found = compared(contentOf(lines[removed]!), contentOf(lines[added]!));
      if (found === undefined) continue;
      words.set(removed, found[0]);
      words.set(added, found[1]);
    }
    at = Math.max(end, at + 1);
  }
  return words;
}

function endOfKind(lines: readonly HunkLine[], from: number, kind: HunkLine["kind"]): number {
  let end = from;
  while (lines[end]?.kind === kind) end++;
  return end;
}

function contentOf({ text }: HunkLine): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

/**
 * Words of letters, marks, digits and underscores; of scripts that write no spaces, single characters;
 * runs of white space; any other character alone, with the marks and joiners that belong to it.
 */
const spaceless = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"]
  .map((script) => `\\p{sc=${script}}`)
  .join("");
const word = new RegExp(
  [
    `[${spaceless}]\\p{M}*`,
    `[[\\p{L}\\p{N}\\p{M}_]--[${spaceless}]]+`,
    "\\s+",
    "\\p{RI}\\p{RI}",
    ".(?:[\\p{M}\\p{EMod}]|\\u200d.)*",
  ].join("|"),
  "gsv",
);

function wordsOf(line: string): string[] {
  return line.match(word) ?? [];
}

/** A line's words with how often each occurs, white space aside. */
interface Bag {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

function bagOf(line: HunkLine): Bag {
  const counts = new Map<string, number>();
  let length = 0;
  if (line.text.length > lineLengthMax) return { counts, length };
  for (const text of wordsOf(contentOf(line))) {
    if (text.trim() === "") continue;
    counts.set(text, (counts.get(text) ?? 0) + 1);
    length += text.length;
  }
  return { counts, length };
}

/** Twice the characters in common over all characters. */
function alike(left: Bag, right: Bag): number {
  let common = 0;
  for (const [text, count] of left.counts) {
    common += Math.min(count, right.counts.get(text) ?? 0) * text.length;
  }
  return left.length + right.length === 0 ? 0 : (2 * common) / (left.length + right.length);
}

/**
 * Pairs of removed lines [start, middle) and added ones [middle, end), both rising: those that are
 * most alike in sum. In a change of many lines the n-th belong together, if they are as many.
 */
function* pairs(
  lines: readonly HunkLine[],
  start: number,
  middle: number,
  end: number,
): Generator<[number, number]> {
  const removed = middle - start;
  const added = end - middle;
  if (removed * added > changePairsMax) {
    if (removed !== added || removed > pairsInTurnMax) return;
    for (let at = 0; at < removed; at++) yield [start + at, middle + at];
    return;
  }
  const oldBags = lines.slice(start, middle).map(bagOf);
  const newBags = lines.slice(middle, end).map(bagOf);
  const width = added + 1;
  /** Best sums for the last lines from (i, j) on, and how alike the two lines are. */
  const best = new Float64Array((removed + 1) * width);
  const scores = new Float64Array((removed + 1) * width);
  for (let i = removed - 1; i >= 0; i--) {
    for (let j = added - 1; j >= 0; j--) {
      const at = i * width + j;
      const score = alike(oldBags[i]!, newBags[j]!);
      scores[at] = score >= alikeMin ? score : 0;
      const paired = scores[at]! > 0 ? scores[at]! + best[at + width + 1]! : 0;
      best[at] = Math.max(paired, best[at + 1]!, best[at + width]!);
    }
  }
  for (let i = 0, j = 0; i < removed && j < added; ) {
    const at = i * width + j;
    if (scores[at]! > 0 && best[at] === scores[at]! + best[at + width + 1]!) {
      yield [start + i++, middle + j++];
    } else if (best[at] === best[at + width]) i++;
    else j++;
  }
}

/** The changed words of two lines; undefined where too little stays for that to help. */
function compared(before: string, after: string): [Range[], Range[]] | undefined {
  if (before.length > lineLengthMax || after.length > lineLengthMax) return undefined;
  const parts = diffArrays(wordsOf(before), wordsOf(after), { maxEditLength: changedWordsMax });
  if (parts === undefined) return undefined;
  const old = new Ranges(before);
  const recent = new Ranges(after);
  let kept = 0;
  for (const { added, removed, value } of parts) {
    const text = value.join("");
    if (!added) old.take(text.length, removed);
    if (!removed) recent.take(text.length, added);
    if (!added && !removed) kept += blackLength(text);
  }
  const all = blackLength(before) + blackLength(after);
  return 2 * kept < alikeMin * all ? undefined : [old.ranges, recent.ranges];
}

function blackLength(text: string): number {
  return text.replace(/\s+/g, "").length;
}

/** Collects the changed ranges of a line; two with nothing but white space between are one. */
class Ranges {
  readonly ranges: Range[] = [];
  #at = 0;

  constructor(readonly line: string) {}

  take(length: number, changed: boolean): void {
    const start = this.#at;
    this.#at += length;
    if (!changed) return;
    const last = this.ranges.at(-1);
    const joins = last !== undefined && this.line.slice(last.end, start).trim() === "";
    if (joins) this.ranges[this.ranges.length - 1] = { start: last.start, end: this.#at };
    else this.ranges.push({ start, end: this.#at });
  }
}
