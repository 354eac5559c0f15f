// Which two tokens may be joined, into which, and how early: from a list of merges or from scores.
// The list stays bytes: a pair's rank is found through the token that the pair makes.

import type { StringArray } from "../formats/string-array.ts";
import { MergeTable, NEVER } from "./merge-table.ts";
import { Span, type Vocabulary } from "./vocabulary.ts";

const cacheBits = 14;

/** Rank of a merge, or -1, by the token that it makes and its two parts. */
type FindRank = (joined: number, left: Span, right: Span) => number;

export class MergeRanks {
  /** The token that the pair of the last call of rank() makes. */
  joined = -1;
  /** Direct-mapped memory of pairs: left, right, rank, joined. */
  private readonly cache = new Int32Array(4 << cacheBits).fill(-1);
  private readonly left = new Span();
  private readonly right = new Span();

  private constructor(
    private readonly vocabulary: Vocabulary,
    private readonly findRank: FindRank,
  ) {}

  /** Merges written "left right", the first the most urgent. */
  static fromMerges(vocabulary: Vocabulary, merges: StringArray): MergeRanks {
    let table: MergeTable | undefined;
    const first = alignment(vocabulary, merges);
    if (first < 0) table = new MergeTable(vocabulary, merges);
    return new MergeRanks(vocabulary, (joined, left, right) => {
      if (table !== undefined) return table.rank(joined, left);
      const rank = joined - first;
      if (rank < 0 || rank >= merges.length) return NEVER;
      if (isMerge(merges, rank, left, right)) return rank;
      const { buffer } = merges;
      const start = merges.start(rank);
      const end = merges.end(rank);
      const space = buffer.indexOf(0x20, start + 1);
      if (vocabulary.isJoined(joined, buffer, start, space, end)) return NEVER;
      // The lengths were alike by chance: look at every merge after all.
      table = new MergeTable(vocabulary, merges);
      return table.rank(joined, left);
    });
  }

  /** Any pair that makes a token may be joined, the token of the highest score first. */
  static fromScores(vocabulary: Vocabulary, scores: ArrayLike<number>): MergeRanks {
    const ranks = new Int32Array(vocabulary.size);
    const float = new Float32Array(1);
    const bits = new Int32Array(float.buffer);
    for (let id = 0; id < ranks.length; id++) {
      float[0] = scores[id]! + 0;
      // The bits of a float, as a whole number, order as the float does once negatives are turned round.
      const ordered = bits[0]! >= 0 ? bits[0]! : bits[0]! ^ 0x7fffffff;
      ranks[id] = Math.min(~ordered, NEVER - 1);
    }
    return new MergeRanks(vocabulary, (joined) => ranks[joined]!);
  }

  /** Rank of joining two tokens, NEVER if they must stay apart; sets `joined`. */
  rank(left: number, right: number): number {
    const { cache } = this;
    const slot =
      ((Math.imul(left, 0x9e3779b1 | 0) ^ Math.imul(right, 0x85ebca6b | 0)) >>> (32 - cacheBits)) <<
      2;
    if (cache[slot] === left && cache[slot + 1] === right) {
      this.joined = cache[slot + 3]!;
      return cache[slot + 2]!;
    }
    const rank = this.search(left, right);
    cache[slot] = left;
    cache[slot + 1] = right;
    cache[slot + 2] = rank;
    cache[slot + 3] = this.joined;
    return rank;
  }

  private search(left: number, right: number): number {
    const { strings } = this.vocabulary;
    this.left.at(strings.buffer, strings.start(left), strings.end(left));
    this.right.at(strings.buffer, strings.start(right), strings.end(right));
    this.joined = this.vocabulary.findJoined(this.left, this.right);
    return this.joined < 0 ? NEVER : this.findRank(this.joined, this.left, this.right);
  }
}

/**
 * The token that the first merge makes, if merge k seems to make token first + k for every k, as in
 * most files: lengths tell in a millisecond, and each merge is compared when it is used. Else -1.
 */
function alignment(vocabulary: Vocabulary, merges: StringArray): number {
  if (merges.length === 0) return -1;
  const { buffer, offsets, gap } = merges;
  const space = buffer.indexOf(0x20, merges.start(0) + 1);
  const parts = [new Span(), new Span()] as const;
  if (space < 0 || space + 1 >= merges.end(0)) return -1;
  const first = vocabulary.findJoined(
    parts[0].at(buffer, merges.start(0), space),
    parts[1].at(buffer, space + 1, merges.end(0)),
  );
  if (first < 0 || first + merges.length > vocabulary.size) return -1;
  const tokens = vocabulary.strings.offsets;
  const extra = gap + 1 - vocabulary.strings.gap;
  for (let rank = 0, id = first; rank < merges.length; rank++, id++) {
    const merge = offsets[rank + 1]! - offsets[rank]!;
    if (merge - extra !== tokens[id + 1]! - tokens[id]!) return -1;
  }
  return first;
}

/** Whether a merge is exactly these two parts with a space between. */
function isMerge(merges: StringArray, rank: number, left: Span, right: Span): boolean {
  const { buffer } = merges;
  let at = merges.start(rank);
  if (merges.end(rank) - at !== left.end - left.start + right.end - right.start + 1) return false;
  for (let i = left.start; i < left.end; i++) if (buffer[at++] !== left.bytes[i]) return false;
  if (buffer[at++] !== 0x20) return false;
  for (let i = right.start; i < right.end; i++) if (buffer[at++] !== right.bytes[i]) return false;
  return true;
}
