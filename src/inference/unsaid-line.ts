// The line of a text that an answer which rewrites it has yet to say. Where lines are put in, the text goes
// on with it behind them, while the last words may stand elsewhere in the text and point there.

import type { StreamDecoder } from "../tokenizer/stream-decoder.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { Draft } from "./draft.ts";

/** Shorter lines, a brace for example, are too common to tell by themselves where the answer is. */
const tellingLength = 4;

/** The part of a line's characters, at its ends, that stays the same in one that is made from it. */
const leastAlike = 0.5;

/** Expects that line as soon as the answer has begun a line as it begins. */
export class UnsaidLine implements Draft {
  readonly #tokenizer: Tokenizer;
  readonly #decoder: StreamDecoder;
  /** Those that are not blank. */
  readonly #lines: readonly string[];
  /** Which of them it is. */
  #unsaid = 0;
  /** Which it may be instead, if lines were left out: a line alone may stand there and be new here. */
  #ahead: number | undefined;
  /** Tokens of the answer that were seen, and the line that they are in. */
  #seen = 0;
  #line = "";

  /** `original` as for RewriteDraft. */
  constructor(original: readonly number[], tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#decoder = tokenizer.decoder();
    const text = tokenizer.decode(original, { continued: true });
    this.#lines = text.split("\n").filter((line) => line.trim() !== "");
  }

  propose(generated: readonly number[], count: number): readonly number[] {
    for (; this.#seen < generated.length; this.#seen++) this.#follow(generated[this.#seen]!);
    const line = this.#lines[this.#unsaid];
    if (line === undefined || line === this.#line || !line.startsWith(this.#line)) return [];
    return this.#tokenizer.encode(line.slice(this.#line.length)).slice(0, count);
  }

  #follow(id: number): void {
    const [first, ...rest] = this.#decoder.push(id).split("\n");
    this.#line += first;
    for (const start of rest) {
      if (this.#line.trim() !== "") this.#endLine(this.#line);
      this.#line = start;
    }
  }

  #endLine(said: string): void {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const unsaid = this.#lines[this.#unsaid] ?? "";
    if (said === unsaid) this.#unsaid++;
    else if (ahead !== undefined && said === this.#lines[ahead]) this.#unsaid = ahead + 1;
    else {
      const at = said.trim().length < tellingLength ? -1 : this.#lines.indexOf(said, this.#unsaid);
      if (at >= 0) this.#ahead = at + 1;
      else if (isMadeFrom(said.trim(), unsaid.trim())) this.#unsaid++;
    }
  }
}

function isMadeFrom(line: string, original: string): boolean {
  const shorter = Math.min(line.length, original.length);
  let start = 0;
  while (start < shorter && line[start] === original[start]) start++;
  let end = 0;
  while (end < shorter - start && line.at(-1 - end) === original.at(-1 - end)) end++;
  return start + end >= leastAlike * Math.max(line.length, original.length);
}
