// Which two tokens may be joined, into which, and how early: from a list of merges or from scores.
// The list stays bytes; a pair's rank is found through the token that the pair makes and where it is cut.

import { CromwellError } from "../errors.ts";
import type { StringArray } from "../formats/string-array.ts";
import { Span, type Vocabulary } from "./vocabulary.ts";

/** The rank of a pair that must not be joined; every other rank is lower, the lowest goes first. */
export const NEVER = 0x7fffffff;

const cacheBits = 14;

export class MergeRanks {
  /** The token that the pair of the last call of rank() makes. */
  joined = -1;
  /** Direct-mapped memory of pairs: left, right, rank, joined. */
  private readonly cache = new Int32Array(4 << cacheBits).fill(-1);

  private readonly left = new Span();
  private readonly right = new Span();

  private constructor(
    private readonly vocabulary: Vocabulary,
    /** By token: its rank by score, or the last merge in the list that makes it. */
    private readonly byToken: Int32Array,
    /** By merge: bytes of the left part, and the next merge that makes the same token. */
    private readonly cuts?: Uint16Array,
    private readonly others?: Int32Array,
  ) {}

  /** Merges written "left right", the first the most urgent. */
  static fromMerges(vocabulary: Vocabulary, merges: StringArray): MergeRanks {
    const last = new Int32Array(vocabulary.size).fill(-1);
    const others = new Int32Array(merges.length);
    const cuts = new Uint16Array(merges.length);
    const { buffer, offsets, gap } = merges;
    const left = new Span();
    const right = new Span();
    let joined = -1;
    for (let rank = 0; rank < merges.length; rank++) {
      const start = offsets[rank]!;
      const end = offsets[rank + 1]! - gap;
      let space = start + 1;
      while (space < end && buffer[space] !== 0x20) space++;
      if (space + 1 >= end) throw unknown(merges, rank);
      const cut = space - start;
      // Tokens are mostly numbered in the order of the merges that make them.
      if (vocabulary.isJoined(joined + 1, buffer, start, space, end)) joined++;
      else {
        joined = vocabulary.findJoined(
          left.at(buffer, start, space),
          right.at(buffer, space + 1, end),
        );
      }
      if (joined < 0 || cut > 0xffff) throw unknown(merges, rank);
      cuts[rank] = cut;
      // Of a repeated merge the first counts; a token's chain is thus never longer than the token.
      let same = last[joined]!;
      while (same >= 0 && cuts[same] !== cut) same = others[same]!;
      if (same >= 0) continue;
      others[rank] = last[joined]!;
      last[joined] = rank;
    }
    return new MergeRanks(vocabulary, last, cuts, others);
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
    return new MergeRanks(vocabulary, ranks);
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
    const { buffer, offsets, gap } = this.vocabulary.strings;
    const joined = this.vocabulary.findJoined(
      this.left.at(buffer, offsets[left]!, offsets[left + 1]! - gap),
      this.right.at(buffer, offsets[right]!, offsets[right + 1]! - gap),
    );
    this.joined = joined;
    if (joined < 0) return NEVER;
    const { cuts, others } = this;
    if (cuts === undefined || others === undefined) return this.byToken[joined]!;
    const cut = this.vocabulary.length(left);
    for (let merge = this.byToken[joined]!; merge >= 0; merge = others[merge]!) {
      if (cuts[merge] === cut) return merge;
    }
    return NEVER;
  }
}

function unknown(merges: StringArray, rank: number): CromwellError {
  const text = JSON.stringify(merges.get(rank).slice(0, 80));
  return new CromwellError("model", `merge ${rank}, ${text}, makes no token of the vocabulary`);
}
