// Whether an answer says a line's end and the next one's indentation as one token, as tokenizers do,
// or as two, as the default model does with its edit adapter.

import type { Tokenizer } from "../tokenizer/tokenizer.ts";

/** How far one way of saying it must fall behind before the other one is expected. */
const mostVotes = 2;

export class LineBreaks {
  #votes = 0;
  #ended = false;

  /** Whether indentation is expected to be a token of its own. */
  get apart(): boolean {
    return this.#votes > 0;
  }

  /** Hears the text of the answer's next token; returns whether `apart` changed. */
  learn(text: string): boolean {
    const before = this.apart;
    if (/\n\s+$/.test(text)) this.#votes = Math.max(-mostVotes, this.#votes - 1);
    else if (this.#ended && /^(?:\n|\s\s)/.test(text)) {
      this.#votes = Math.min(mostVotes, this.#votes + 1);
    }
    this.#ended = text.endsWith("\n");
    return this.apart !== before;
  }

  encode(text: string, tokenizer: Tokenizer): readonly number[] {
    if (!this.apart) return tokenizer.encode(text);
    const pieces = text.split(/(\n)/).filter((piece) => piece !== "");
    return pieces.flatMap((piece) => tokenizer.encode(piece));
  }
}
