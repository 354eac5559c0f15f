// How many lines of a text a model would have written itself, each after the true text before it: those of
// which every token was its first choice.

import { breathe } from "../../breathe.ts";

export interface LineCount {
  readonly lines: number;
  readonly right: number;
}

/** A token's verdict. */
export const unscored = 2;

const lineFeed = 10;

/**
 * Counts lines of `text`, cut into tokens of these many bytes, by the verdict of each token: 1 where it was
 * the first choice, 0 where not, `unscored`. A token belongs to every line that it has a byte of, line ends
 * included. Blank lines, and those with a token that was not scored, are not counted.
 */
export async function countLines(
  text: Uint8Array,
  lengths: ArrayLike<number>,
  verdicts: ArrayLike<number>,
  signal?: AbortSignal,
): Promise<LineCount> {
  let lines = 0;
  let right = 0;
  let token = 0;
  let tokenStart = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(lineFeed, start);
    const end = found < 0 ? text.length : found + 1;
    while (token < lengths.length && tokenStart + lengths[token]! <= start) {
      tokenStart += lengths[token++]!;
    }
    let verdict = 1;
    for (let i = token, at = tokenStart; i < lengths.length && at < end; at += lengths[i++]!) {
      if (verdicts[i] === unscored) verdict = unscored;
      else if (verdict !== unscored && verdicts[i] === 0) verdict = 0;
    }
    if (verdict !== unscored && !isBlank(text, start, end)) {
      lines++;
      right += verdict;
    }
    start = end;
    await breathe(signal);
  }
  return { lines, right };
}

function isBlank(text: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (text[i]! > 0x20) return false;
  return true;
}
