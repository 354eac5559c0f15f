// Every merge by the token that it makes and where it cuts it, for lists that are not in the tokens' order
// (Llama 3 lists every way to make a token).

import { CromwellError } from "../errors.ts";
import type { StringArray } from "../formats/string-array.ts";
import { Span, type Vocabulary } from "./vocabulary.ts";

/** The rank of a pair that must not be joined; every other rank is lower, the lowest goes first. */
export const NEVER = 0x7fffffff;

export class MergeTable {
  /** By token: the last merge that makes it, or -1; `others` leads on to the ones before. */
  private readonly last: Int32Array;
  private readonly others: Int32Array;
  /** By merge: bytes of its left part. */
  private readonly cuts: Uint16Array;

  /** Refuses a merge that makes no token. */
  constructor(vocabulary: Vocabulary, merges: StringArray) {
    this.last = new Int32Array(vocabulary.size).fill(-1);
    this.others = new Int32Array(merges.length);
    this.cuts = new Uint16Array(merges.length);
    const { last, others, cuts } = this;
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
      else if (!vocabulary.isJoined(joined, buffer, start, space, end)) {
        left.at(buffer, start, space);
        joined = vocabulary.findJoined(left, right.at(buffer, space + 1, end));
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
  }

  /** Rank of the merge that makes a token with this left part, or NEVER. */
  rank(joined: number, left: Span): number {
    const cut = left.end - left.start;
    for (let merge = this.last[joined]!; merge >= 0; merge = this.others[merge]!) {
      if (this.cuts[merge] === cut) return merge;
    }
    return NEVER;
  }
}

function unknown(merges: StringArray, rank: number): CromwellError {
  const text = JSON.stringify(merges.get(rank).slice(0, 80));
  return new CromwellError("model", `merge ${rank}, ${text}, makes no token of the vocabulary`);
}
