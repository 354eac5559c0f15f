// A text as tokens that can be entered at any byte: an answer may say the same in other tokens than
// the tokenizer would, and then goes on in the middle of one.

import type { Tokenizer } from "../tokenizer/tokenizer.ts";

const newline = 0x0a;

/** Longer runs of space are no indentation. */
const mostSpaces = 256;

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === newline || byte === 0x09;
}

export class OriginalTokens {
  readonly ids: readonly number[];
  /** Where each token ends, in bytes. */
  readonly #ends: Uint32Array;
  readonly #tokenizer: Tokenizer;
  readonly #bytes: Buffer;
  /** The token that begins at each byte, plus one; 0 where none does. */
  readonly #beginning: Uint32Array;
  /** Where each line begins. */
  readonly #lines: readonly number[];

  constructor(ids: readonly number[], tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    const pieces = ids.map((id) => tokenizer.decodeBytes([id], { continued: true }));
    // A token without text, such as a mark of the end, is no part of a text.
    this.ids = ids.filter((_, i) => pieces[i]!.length > 0);
    this.#bytes = Buffer.concat(pieces);
    this.#beginning = new Uint32Array(this.#bytes.length + 1);
    this.#ends = new Uint32Array(this.ids.length);
    let at = 0;
    let count = 0;
    for (const { length } of pieces) {
      if (length === 0) continue;
      this.#beginning[at] = count + 1;
      at += length;
      this.#ends[count++] = at;
    }
    this.#lines = [0, ...[...this.#bytes.keys()].filter((i) => this.#bytes[i - 1] === newline)];
  }

  /** The place behind the token's text where the text has it at `place`, else undefined. */
  behind(place: number, id: number): number | undefined {
    const said = this.#tokenizer.decodeBytes([id], { continued: true });
    const end = place + said.length;
    if (end === place || end > this.#bytes.length) return undefined;
    return this.#bytes.compare(said, 0, said.length, place, end) === 0 ? end : undefined;
  }

  /**
   * The same where the spaces at `place` may be more or fewer, as long as there are some and lines
   * break where they do.
   */
  behindOtherSpaces(place: number, id: number, text: string): number | undefined {
    const end = Math.min(this.#bytes.length, place + mostSpaces);
    let word = place;
    while (word < end && isSpace(this.#bytes[word]!)) word++;
    if (word === place) return undefined;
    // The last space is often said with the word that follows it.
    const last = this.#bytes[word - 1] === newline ? word : word - 1;
    if (text.trim() !== "") return this.behind(last, id) ?? this.behind(word, id);
    const breaks = this.#bytes.toString("latin1", place, word).split("\n").length;
    return text.split("\n").length === breaks ? last : undefined;
  }

  /** At most `count` tokens of the text from `place` on. */
  from(place: number, count: number): readonly number[] {
    let next = place;
    while (next < this.#bytes.length && this.#beginning[next] === 0) next++;
    const rest = this.#bytes.toString("utf8", place, next);
    const ahead = rest === "" ? [] : this.#tokenizer.encode(rest);
    const first = (this.#beginning[next] ?? 0) - 1;
    if (first < 0) return ahead.slice(0, count);
    return [...ahead, ...this.ids.slice(first, first + count)].slice(0, count);
  }

  lineOf(place: number): number {
    const after = this.#lines.findIndex((start) => start > place);
    return (after < 0 ? this.#lines.length : after) - 1;
  }

  /** The token that a place lies in or begins. */
  tokenAt(place: number): number {
    let low = 0;
    let high = this.ids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  startOfToken(token: number): number {
    return this.#ends[token - 1] ?? 0;
  }

  /** Where the line begins, or the text's end where it has fewer. */
  startOfLine(line: number): number {
    return this.#lines[line] ?? this.#bytes.length;
  }
}
