// An answer as it grows: each token is chosen from the logits of its own position, and its text given
// out when it is certain, until a stop token, a stop string or the limit ends it.

import { CromwellError } from "../errors.ts";
import type { StreamDecoder } from "../tokenizer/stream-decoder.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { Draft } from "./draft.ts";
import type { PreferredTokens, Sampler } from "./sampler.ts";
import { StoppableText } from "./stoppable-text.ts";

/** "stop": a stop token or string; "length": the limit of tokens or the end of the context. */
export type FinishReason = "stop" | "length";

/** A text that an answer keeps to: each token that one of the drafts expects is preferred by so much. */
export interface Preference {
  readonly drafts: readonly Draft[];
  /** Added to such a token's logit. */
  readonly bias: number;
}

export interface AnswerOptions {
  /** Position of the first token. */
  readonly start: number;
  /** Most tokens that it may have. */
  readonly room: number;
  readonly stop: readonly string[];
  /** Tokens that it begins with already. */
  readonly begun: readonly number[];
  readonly preference?: Preference | undefined;
}

export class Answer {
  /** Without the stop token. */
  readonly tokens: number[] = [];
  /** Why it ended; undefined while it goes on. */
  finishReason: FinishReason | undefined;
  /** When the first and the last token were chosen, on performance.now()'s clock. */
  firstToken: number | undefined;
  lastToken: number | undefined;
  readonly #sampler: Sampler;
  readonly #start: number;
  readonly #room: number;
  readonly #stopIds: ReadonlySet<number>;
  readonly #decoder: StreamDecoder;
  readonly #text: StoppableText;
  readonly #preference: Preference | undefined;
  /** Certain text of each token that nobody has taken yet. */
  #pieces: string[] = [];

  constructor(tokenizer: Tokenizer, sampler: Sampler, options: AnswerOptions) {
    this.#sampler = sampler;
    this.#start = options.start;
    this.#room = options.room;
    this.#stopIds = tokenizer.stopIds;
    this.#decoder = tokenizer.decoder();
    this.#text = new StoppableText(options.stop);
    this.#preference = options.preference;
    if (this.#room <= 0) this.finishReason = "length";
    for (const id of options.begun) if (this.finishReason === undefined) this.#add(id);
    this.#pieces = [];
  }

  /** All text that is certain; the whole one after end(). */
  get text(): string {
    return this.#text.text;
  }

  /** Tokens that it may still have. */
  get room(): number {
    return this.#room - this.tokens.length;
  }

  /** Chooses the next token from the logits of its position, and returns it. */
  choose(logits: Float32Array): number {
    requireFinite(logits);
    const position = this.#start + this.tokens.length;
    const id = this.#sampler.sample(logits, position, this.#preferred(logits.length));
    this.lastToken = performance.now();
    this.firstToken ??= this.lastToken;
    if (this.#stopIds.has(id)) this.finishReason = "stop";
    else this.#add(id);
    return id;
  }

  /** Drafts are asked before each token, so that what they expect does not depend on who else asks. */
  #preferred(vocabulary: number): PreferredTokens | undefined {
    if (this.#preference === undefined) return undefined;
    const { drafts, bias } = this.#preference;
    const expected = new Set(drafts.flatMap((draft) => draft.propose(this.tokens, 1)));
    return { ids: [...expected].filter((id) => id < vocabulary), bias };
  }

  /** Text that became certain since the last call, a piece for each token that has any. */
  take(): readonly string[] {
    const pieces = this.#pieces;
    if (pieces.length > 0) this.#pieces = [];
    return pieces;
  }

  /** The text that was held back, as nothing more comes. */
  end(): string {
    return this.#text.push(this.#decoder.end()) + this.#text.end();
  }

  #add(id: number): void {
    this.tokens.push(id);
    this.#sampler.accept(id);
    const certain = this.#text.push(this.#decoder.push(id));
    if (certain !== "") this.#pieces.push(certain);
    if (this.#text.stopped) this.finishReason = "stop";
    else if (this.tokens.length === this.#room) this.finishReason = "length";
  }
}

function requireFinite(logits: Float32Array): void {
  // One of them is enough to tell: a NaN or an infinity in the last layer reaches every logit.
  if (Number.isFinite(logits[0])) return;
  throw new CromwellError("model", "the model computed numbers that are not finite", {
    hint: "its weights are damaged or need a wider type than they were converted to",
  });
}
