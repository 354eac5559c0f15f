// Rearranges a share of the texts so that a model learns to fill in (Bavarian et al., 2022): cut at two
// places between characters into prefix, middle and suffix, and the middle put last.

import type { FillInTheMiddle } from "../../tokenizer/special-tokens.ts";
import type { Random } from "../random.ts";

export interface FillOptions {
  /** Share of the segments that is rearranged. */
  readonly rate: number;
  /** Of these, the share whose suffix comes first (SPM); the others are prefix, suffix, middle (PSM). */
  readonly suffixFirst: number;
  /** Characters of a segment: it should fit into a sequence with all three parts. */
  readonly segment: number;
}

/** A part of a document to be: text, or a special token. */
export type Part = string | number;

/** A part of a text, in order or rearranged. */
export interface Segment {
  readonly parts: readonly Part[];
  /** Whether it is a document of its own, as what is rearranged; the others go on from each other. */
  readonly alone: boolean;
}

/** Cuts a text into segments and rearranges some. */
export function* fillSegments(
  text: string,
  ids: FillInTheMiddle,
  random: Random,
  { rate, suffixFirst, segment }: FillOptions,
): Generator<Segment> {
  for (let at = 0; at < text.length; ) {
    const end = characterAt(text, Math.min(at + segment, text.length));
    const part = text.slice(at, end);
    at = end;
    const alone = random.next() < rate;
    yield { parts: alone ? rearranged(part, ids, random, suffixFirst) : [part], alone };
  }
}

function rearranged(
  text: string,
  ids: FillInTheMiddle,
  random: Random,
  suffixFirst: number,
): Part[] {
  const cuts = [random.below(text.length + 1), random.below(text.length + 1)];
  const [from, to] = cuts.map((cut) => characterAt(text, cut)).sort((a, b) => a - b) as [
    number,
    number,
  ];
  const [prefix, middle, suffix] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  if (random.next() < suffixFirst) {
    return [ids.prefix, ids.suffix, suffix, ids.middle, prefix + middle];
  }
  return [ids.prefix, prefix, ids.suffix, suffix, ids.middle, middle];
}

/** The place itself, or the one before it where it lies inside a pair of surrogates. */
function characterAt(text: string, place: number): number {
  const inside = place > 0 && place < text.length && (text.codePointAt(place - 1) ?? 0) > 0xffff;
  return inside ? place - 1 : place;
}
