// Drafts guess what a model will say next. A guess is checked against the model's own choice, so a
// bad one costs time and never changes the answer.

import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { TokenPlaces } from "./token-places.ts";

export interface Draft {
  /**
   * At most `count` tokens that are likely to follow `generated`, the answer so far; none where
   * nothing is. It is asked after each step of one answer, which only ever grows.
   */
  propose(generated: readonly number[], count: number): readonly number[];
}

/** Guesses that a text is rewritten: most of it is said again, from where the answer is in it. */
export class RewriteDraft implements Draft {
  readonly #original: readonly number[];
  readonly #places: TokenPlaces;
  /** Tokens of the answer that were seen, and where in the original the next one is expected. */
  #seen = 0;
  #place = 0;
  #lost = false;

  /** `original` ends as its rewriting would, with a closing fence for example. */
  constructor(original: readonly number[], _tokenizer: Tokenizer) {
    this.#original = original;
    this.#places = new TokenPlaces(original);
  }

  propose(generated: readonly number[], count: number): readonly number[] {
    for (; this.#seen < generated.length; this.#seen++) {
      if (this.#original[this.#place] === generated[this.#seen]) this.#place++;
      else this.#lost = true;
    }
    if (this.#lost) {
      const match = this.#places.longestEnd(generated, this.#place);
      if (match === undefined) return [];
      this.#place = match.place;
      this.#lost = false;
    }
    return this.#original.slice(this.#place, this.#place + count);
  }
}

/** Guesses that what followed the last tokens once, in the prompt or the answer, follows them again. */
export class PromptDraft implements Draft {
  readonly #tokens: number[] = [];
  readonly #promptTokens: number;
  /** Behind which token each pair of tokens was seen last, and where it was before that. */
  readonly #latest = new Map<number, number>();
  readonly #earlier: number[] = [];

  constructor(prompt: readonly number[]) {
    for (const id of prompt) this.#push(id);
    this.#promptTokens = prompt.length;
  }

  propose(generated: readonly number[], count: number): readonly number[] {
    for (let i = this.#tokens.length - this.#promptTokens; i < generated.length; i++) {
      this.#push(generated[i]!);
    }
    const place = this.#longestEnd();
    return place === undefined ? [] : this.#tokens.slice(place, place + count);
  }

  #push(id: number): void {
    const pair = pairOf(this.#tokens.at(-1) ?? 0, id);
    this.#tokens.push(id);
    const place = this.#tokens.length;
    this.#earlier[place] = this.#latest.get(pair) ?? 0;
    this.#latest.set(pair, place);
  }

  /** Behind the earlier tokens that are the same as the last ones for longest, the latest of equals. */
  #longestEnd(): number | undefined {
    const tokens = this.#tokens;
    let best: number | undefined;
    let longest = 1;
    let place = this.#earlier[tokens.length] ?? 0;
    for (let tries = 0; place > 0 && tries < mostTries; tries++, place = this.#earlier[place]!) {
      const length = sameBefore(tokens, place, tokens.length);
      if (length <= longest) continue;
      longest = length;
      best = place;
    }
    return best;
  }
}

/** Earlier places of the last two tokens that are looked at, and tokens that are compared at each. */
const mostTries = 32;
const mostCompared = 32;

/** How many tokens ahead of two places are the same. */
function sameBefore(tokens: readonly number[], a: number, b: number): number {
  const most = Math.min(mostCompared, a);
  let length = 0;
  while (length < most && tokens[a - 1 - length] === tokens[b - 1 - length]) length++;
  return length;
}

/** One number for two token ids. */
function pairOf(first: number, second: number): number {
  return first * 2 ** 26 + second;
}
