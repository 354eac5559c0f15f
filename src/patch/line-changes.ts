// Which lines differ between two texts: Myers' shortest edit script. Where that would take too long,
// lines that occur once on each side are matched first and cut the texts into smaller ones.

import { diffArrays } from "diff";
import { anchors } from "./anchors.ts";
import { allSteps, type Steps } from "./steps.ts";

/** Lines of the old text [oldStart, oldEnd) became lines of the new one; either may be empty. */
export interface Change {
  oldStart: number;
  oldEnd: number;
  newStart: number;
  newEnd: number;
}

/** A text of a diff: its lines, with or without their ends. */
type Lines = readonly string[];

/** The changes from `before` to `after` in order, at least one equal line between two of them. */
export function lineChanges(before: Lines, after: Lines): Change[] {
  return allSteps(lineChangeSteps(before, after));
}

/** lineChanges in steps of a few milliseconds each. */
export function* lineChangeSteps(before: Lines, after: Lines): Steps<Change[]> {
  const numbers = new Map<string, number>();
  const old = yield* numbered(before, numbers);
  const recent = yield* numbered(after, numbers);
  const partners = yield* new Alignment(old, recent, numbers.size).run();
  return changesOf(partners, recent.length);
}

/** Lines between two pauses. */
const pauseLines = 16_384;

/** Each line as a number, equal lines as the same. */
function* numbered(lines: Lines, numbers: Map<string, number>): Steps<Int32Array> {
  const ids = new Int32Array(lines.length);
  for (const [index, line] of lines.entries()) {
    const known = numbers.get(line);
    ids[index] = known ?? numbers.size;
    if (known === undefined) numbers.set(line, numbers.size);
    if (index % pauseLines === 0) yield;
  }
  return ids;
}

/** Two ranges of lines that are still to be aligned. */
type Piece = Readonly<Change>;

/** Finds for each old line the new line that it stays. */
class Alignment {
  /** The new line that an old one stays, or -1. */
  readonly #partners: Int32Array;
  readonly #oldCounts: Int32Array;
  readonly #newCounts: Int32Array;
  /** What may still be spent, in compared lines: repeated cuts of a hostile text come to an end. */
  #budget: number;

  constructor(
    readonly old: Int32Array,
    readonly recent: Int32Array,
    lineKinds: number,
  ) {
    this.#partners = new Int32Array(old.length).fill(-1);
    this.#oldCounts = new Int32Array(lineKinds);
    this.#newCounts = new Int32Array(lineKinds);
    this.#budget = 100_000_000 + 200 * (old.length + recent.length);
  }

  *run(): Steps<Int32Array> {
    const whole = {
      oldStart: 0,
      oldEnd: this.old.length,
      newStart: 0,
      newEnd: this.recent.length,
    };
    const pieces: Piece[] = [whole];
    for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
      pieces.push(...(yield* this.#align(piece)));
    }
    return this.#partners;
  }

  /** Aligns a piece, or cuts it into the pieces that it returns. */
  *#align(whole: Piece): Steps<Piece[]> {
    const piece = this.#withoutCommonEnds(whole);
    const [old, recent] = this.#linesOfBoth(piece);
    yield;
    if (old.length === 0 || this.#budget <= 0) return [];
    if (this.#shortestScript(old, recent) !== undefined) return [];
    yield;
    const pieces = yield* this.#cut(piece, old, recent);
    if (pieces.length === 0) yield* this.#alignInWindows(old, recent);
    return pieces;
  }

  #match(oldLine: number, newLine: number): void {
    this.#partners[oldLine] = newLine;
  }

  /** Matches the equal lines at the start and at the end, and returns what lies between. */
  #withoutCommonEnds(piece: Piece): Piece {
    let { oldStart, oldEnd, newStart, newEnd } = piece;
    const { old, recent } = this;
    while (oldStart < oldEnd && newStart < newEnd && old[oldStart] === recent[newStart]) {
      this.#match(oldStart++, newStart++);
    }
    while (oldStart < oldEnd && newStart < newEnd && old[oldEnd - 1] === recent[newEnd - 1]) {
      this.#match(--oldEnd, --newEnd);
    }
    return { oldStart, oldEnd, newStart, newEnd };
  }

  /** The lines, old and new, that the other side has too: no script keeps any other. */
  #linesOfBoth({ oldStart, oldEnd, newStart, newEnd }: Piece): [number[], number[]] {
    const { old, recent } = this;
    const oldCounts = this.#oldCounts;
    const newCounts = this.#newCounts;
    for (let line = oldStart; line < oldEnd; line++) oldCounts[old[line]!]!++;
    for (let line = newStart; line < newEnd; line++) newCounts[recent[line]!]!++;
    const oldLines: number[] = [];
    const newLines: number[] = [];
    for (let line = oldStart; line < oldEnd; line++) {
      if (newCounts[old[line]!]! > 0) oldLines.push(line);
    }
    for (let line = newStart; line < newEnd; line++) {
      if (oldCounts[recent[line]!]! > 0) newLines.push(line);
    }
    for (let line = oldStart; line < oldEnd; line++) oldCounts[old[line]!] = 0;
    for (let line = newStart; line < newEnd; line++) newCounts[recent[line]!] = 0;
    this.#budget -= oldEnd - oldStart + newEnd - newStart;
    return [oldLines, newLines];
  }

  /**
   * Matches lines as Myers' shortest script does. Returns how many lines of each side lie up to the
   * last match, or undefined where the script would be too long.
   */
  #shortestScript(
    oldLines: readonly number[],
    newLines: readonly number[],
  ): [number, number] | undefined {
    const maxEditLength = editLengthMax(oldLines.length + newLines.length);
    const parts = diffArrays(
      oldLines.map((line) => this.old[line]!),
      newLines.map((line) => this.recent[line]!),
      { maxEditLength },
    );
    if (parts === undefined) {
      this.#budget -= maxEditLength ** 2;
      return undefined;
    }
    let oldAt = 0;
    let newAt = 0;
    let matched: [number, number] = [0, 0];
    for (const { added, removed, count } of parts) {
      if (removed) oldAt += count;
      else if (added) newAt += count;
      else {
        for (let i = 0; i < count; i++) this.#match(oldLines[oldAt++]!, newLines[newAt++]!);
        matched = [oldAt, newAt];
      }
    }
    return matched;
  }

  /** The last resort: shortest scripts of short stretches, each from where the one before ended. */
  *#alignInWindows(oldLines: readonly number[], newLines: readonly number[]): Steps<void> {
    let oldAt = 0;
    let newAt = 0;
    while (oldAt < oldLines.length && newAt < newLines.length && this.#budget > 0) {
      const old = oldLines.slice(oldAt, oldAt + windowLines);
      const recent = newLines.slice(newAt, newAt + windowLines);
      const [oldCount, newCount] = this.#shortestScript(old, recent)!;
      oldAt += oldCount || old.length;
      newAt += newCount || recent.length;
      this.#budget -= windowLines ** 2;
      yield;
    }
  }

  /** Matches the anchors and returns what lies between them; nothing where there are none. */
  *#cut(piece: Piece, oldLines: readonly number[], newLines: readonly number[]): Steps<Piece[]> {
    const found = yield* anchors(
      oldLines.map((line) => this.old[line]!),
      newLines.map((line) => this.recent[line]!),
    );
    this.#budget -= oldLines.length + newLines.length;
    if (found.length === 0) return [];
    const pieces: Piece[] = [];
    let { oldStart, newStart } = piece;
    for (const [oldAt, newAt] of found) {
      const oldEnd = oldLines[oldAt]!;
      const newEnd = newLines[newAt]!;
      this.#match(oldEnd, newEnd);
      if (oldEnd > oldStart && newEnd > newStart) {
        pieces.push({ oldStart, oldEnd, newStart, newEnd });
      }
      oldStart = oldEnd + 1;
      newStart = newEnd + 1;
    }
    pieces.push({ ...piece, oldStart, newStart });
    return pieces;
  }
}

/** Two windows differ by no more lines than the longest script has that is looked for. */
const windowLines = 512;

/**
 * The longest edit script that is looked for among so many lines. Its square bounds the steps of the
 * search, and its product with the lines the comparisons.
 */
function editLengthMax(lines: number): number {
  return Math.max(64, Math.min(1024, Math.floor(40_000_000 / lines)));
}

function changesOf(partners: Int32Array, newLength: number): Change[] {
  const changes: Change[] = [];
  let oldStart = 0;
  let newStart = 0;
  const upTo = (oldEnd: number, newEnd: number) => {
    if (oldEnd > oldStart || newEnd > newStart) {
      changes.push({ oldStart, oldEnd, newStart, newEnd });
    }
    oldStart = oldEnd + 1;
    newStart = newEnd + 1;
  };
  for (const [line, partner] of partners.entries()) if (partner >= 0) upTo(line, partner);
  upTo(partners.length, newLength);
  return changes;
}
