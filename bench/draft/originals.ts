// What an answer might be the rewriting of: the answer itself with some of its lines as they could
// have been before, one by another word, one longer, one not yet there, one there still.

import type { Tokenizer } from "../../src/tokenizer/tokenizer.ts";

/** The tokens of each line, its newline included. */
export function linesOf(tokens: readonly number[], tokenizer: Tokenizer): number[][] {
  const lines: number[][] = [[]];
  for (const id of tokens) {
    lines.at(-1)!.push(id);
    if (tokenizer.decodeBytes([id]).includes(0x0a)) lines.push([]);
  }
  return lines;
}

/** What a line could have been before it was changed; the kinds of change take turns. */
function before(line: readonly number[], kind: number, tokenizer: Tokenizer): number[] {
  const middle = line.length >> 1;
  const words = (text: string) => tokenizer.encode(text);
  switch (kind % 4) {
    case 0:
      return [...line.slice(0, middle), ...words(" former"), ...line.slice(middle + 1)];
    case 1:
      return [...line.slice(0, middle), ...words(" + before(1)"), ...line.slice(middle)];
    case 2:
      return [];
    default:
      return [...words("    report(state, 7);\n"), ...line];
  }
}

function isOrdinary({ length }: readonly number[]): boolean {
  return length > 4 && length < 30;
}

/** The answer with `most` lines, evenly spread, as they could have been before. */
export function originalOf(
  answer: readonly number[],
  most: number,
  tokenizer: Tokenizer,
): number[] {
  const lines = linesOf(answer, tokenizer);
  const count = Math.min(most, lines.length);
  const spacing = lines.length / count;
  for (let kind = 0; kind < count; kind++) {
    let at = Math.floor((kind + 0.5) * spacing);
    // An ordinary line near by: neither blank nor, as models also write, without end.
    while (count < lines.length && !isOrdinary(lines[at]!) && at + 1 < lines.length) at++;
    lines[at] = before(lines[at]!, kind, tokenizer);
  }
  return lines.flat();
}
