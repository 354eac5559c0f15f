// Drafts guess what a model will say next. A guess is checked against the model's own choice, so a
// bad one costs time and never changes the answer.

import type { StreamDecoder } from "../tokenizer/stream-decoder.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { Indents } from "./indents.ts";
import { LineBreaks } from "./line-breaks.ts";
import { OriginalTokens } from "./original-tokens.ts";
import { Renames } from "./renames.ts";
import { RepeatedTokens } from "./repeated-tokens.ts";
import { TokenPlaces } from "./token-places.ts";

export interface Draft {
  /**
   * At most `count` tokens that are likely to follow `generated`, the answer so far; none where
   * nothing is. It is asked after each step of one answer, which only ever grows.
   */
  propose(generated: readonly number[], count: number): readonly number[];
}

/** Tokens that the answer must share with the original before it is known to be back in it. */
const backAfter = 6;

/** How often the text is made tokens again, because of names or line breaks that were learnt. */
const mostEncodings = 64;

/**
 * Guesses that a text is rewritten: most of it is said again, from where the answer is in it, with the
 * names that the answer has changed so far and its way of saying line breaks.
 */
export class RewriteDraft implements Draft {
  readonly #tokenizer: Tokenizer;
  readonly #text: string;
  readonly #lines: readonly string[];
  readonly #renames = new Renames();
  readonly #indents = new Indents();
  readonly #breaks = new LineBreaks();
  #encodings = 0;
  /** The text as it is expected, with other names. */
  #original!: OriginalTokens;
  #places!: TokenPlaces;
  /** Tokens of the answer that were seen. */
  #seen = 0;
  /** Which byte of the original is expected next, undefined where that is unknown. */
  #place: number | undefined = 0;
  /** Tokens up to there that are the answer's last ones. */
  #matched = 0;
  /** Where the answer left the original, or would go on if it had not. */
  #left = 0;
  /** The answer's text, its last line, and the line of the original that this is made from. */
  readonly #decoder: StreamDecoder;
  #line = "";
  #beside: number | undefined;
  /** Whether the last line differs from what was expected. */
  #differs = false;

  /**
   * `original` ends as its rewriting would, with a closing fence for example. Throws CromwellError "input"
   * for an id that is not in the vocabulary.
   */
  constructor(original: readonly number[], tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#text = tokenizer.decode(original);
    this.#lines = this.#text.split("\n");
    this.#decoder = tokenizer.decoder();
    this.#expect(original);
  }

  propose(generated: readonly number[], count: number): readonly number[] {
    for (; this.#seen < generated.length; this.#seen++) this.#follow(generated[this.#seen]!);
    if (this.#place === undefined) {
      const match = this.#places.find(generated, this.#original.tokenAt(this.#left));
      if (match === undefined) return [];
      this.#place = this.#original.startOfToken(match.place);
      this.#matched = match.length;
    }
    return this.#original.from(this.#place, count);
  }

  #expect(original: readonly number[]): void {
    this.#original = new OriginalTokens(original, this.#tokenizer);
    this.#places = new TokenPlaces(this.#original.ids);
  }

  #follow(id: number): void {
    const text = this.#decoder.push(id);
    this.#move(id, text);
    if (this.#breaks.learn(text)) this.#encode();
    const [first, ...rest] = text.split("\n");
    this.#line += first;
    if (rest.length === 0) return;
    this.#endLine();
    this.#line = rest.at(-1)!;
  }

  #move(id: number, text: string): void {
    const place = this.#place;
    if (place === undefined) return;
    this.#beside ??= this.#original.lineOf(place);
    this.#place =
      this.#original.behind(place, id) ?? this.#original.behindOtherSpaces(place, id, text);
    if (this.#place === undefined) {
      this.#differs = true;
      return;
    }
    this.#matched++;
    if (this.#matched >= backAfter) this.#left = this.#place;
  }

  /** Learns from the line that is complete what to expect in those that follow. */
  #endLine(): void {
    const beside = this.#beside ?? 0;
    const original = this.#lines[beside] ?? "";
    const next = this.#place === undefined ? beside + 1 : this.#original.lineOf(this.#place);
    const renamed = this.#renames.learn(this.#line, this.#differs ? original : undefined);
    // The first line's own indentation may have been left out.
    const moved = beside > 0 && this.#indents.learn(this.#line, original);
    this.#beside = undefined;
    if ((renamed || moved) && this.#encode()) {
      this.#place = this.#left = this.#original.startOfLine(next);
      this.#matched = 0;
    }
    this.#differs = this.#place === undefined;
  }

  /** Makes tokens of the text as it is expected now; returns whether it did. */
  #encode(): boolean {
    if (this.#encodings === mostEncodings) return false;
    this.#encodings++;
    this.#expect(
      this.#breaks.encode(this.#indents.apply(this.#renames.apply(this.#text)), this.#tokenizer),
    );
    return true;
  }
}

/** Guesses that what followed the last tokens once, in the prompt or the answer, follows them again. */
export class PromptDraft implements Draft {
  readonly #tokens = new RepeatedTokens();
  readonly #promptTokens: number;

  constructor(prompt: readonly number[]) {
    this.#promptTokens = prompt.length;
    for (const id of prompt) this.#tokens.push(id);
  }

  propose(generated: readonly number[], count: number): readonly number[] {
    for (let i = this.#tokens.length - this.#promptTokens; i < generated.length; i++) {
      this.#tokens.push(generated[i]!);
    }
    return this.#tokens.continuation(count);
  }
}
