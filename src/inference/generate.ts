// Generates text from a prompt, token by token: sampling, stop tokens and strings, limits, timings.
// Text is given out as soon as it is certain, never cut inside a character or a stop string.

import { throwIfInterrupted } from "../breathe.ts";
import { CromwellError } from "../errors.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { greedy, Sampler, type SamplingOptions } from "./sampler.ts";
import type { Session } from "./session.ts";

export interface GenerateOptions extends Partial<SamplingOptions> {
  readonly maxTokens: number;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** "stop": a stop token or string; "length": the limit of tokens or the end of the context. */
export type FinishReason = "stop" | "length";

export interface Generated {
  readonly text: string;
  /** Without the stop token. */
  readonly tokens: readonly number[];
  readonly finishReason: FinishReason;
  readonly promptTokens: number;
  readonly timings: GenerationTimings;
}

/** Milliseconds on performance.now()'s clock, which starts with the process. */
export interface GenerationTimings {
  readonly started: number;
  readonly firstToken: number;
  readonly lastToken: number;
}

/**
 * Yields the text of each token as soon as it is certain to be part of the answer, and returns the
 * whole. Text is never cut inside a UTF-8 character or a stop string.
 */
export async function* generate(
  session: Session,
  tokenizer: Tokenizer,
  prompt: readonly number[],
  options: GenerateOptions,
): AsyncGenerator<string, Generated> {
  const { signal, maxTokens } = options;
  checkRequest(session, prompt, maxTokens);
  const started = performance.now();
  const sampler = new Sampler({ ...greedy, ...options }, prompt);
  const text = new StoppableText(options.stop ?? []);
  const decoder = tokenizer.decoder();
  const tokens: number[] = [];
  const room = Math.min(maxTokens, session.contextLength - prompt.length);
  let firstToken = started;
  let lastToken = started;
  let finishReason: FinishReason = "length";
  let logits = room === 0 ? undefined : await session.prefill(prompt, { signal });
  while (logits !== undefined) {
    requireFinite(logits);
    const id = sampler.sample(logits, prompt.length + tokens.length);
    lastToken = performance.now();
    if (tokens.length === 0) firstToken = lastToken;
    if (tokenizer.stopIds.has(id)) {
      finishReason = "stop";
      break;
    }
    tokens.push(id);
    sampler.accept(id);
    const certain = text.push(decoder.push(id));
    if (certain !== "") yield certain;
    if (text.stopped) {
      finishReason = "stop";
      break;
    }
    if (tokens.length === room) break;
    throwIfInterrupted(signal);
    logits = await session.decode(id, signal);
  }
  const rest = text.push(decoder.end()) + text.end();
  if (rest !== "") yield rest;
  const timings = { started, firstToken, lastToken };
  return { text: text.text, tokens, finishReason, promptTokens: prompt.length, timings };
}

function checkRequest(session: Session, prompt: readonly number[], maxTokens: number): void {
  if (prompt.length === 0) {
    throw new CromwellError("usage", "the prompt is empty and this model has no start token");
  }
  if (prompt.length >= session.contextLength) {
    throw new CromwellError(
      "input",
      `the prompt has ${prompt.length} tokens and the context ${session.contextLength}`,
      { hint: "shorten it, or raise --context where the model allows it" },
    );
  }
  const isCount = Number.isInteger(maxTokens) || maxTokens === Number.POSITIVE_INFINITY;
  if (isCount && maxTokens >= 0) return;
  throw new CromwellError("usage", `maxTokens must be a whole number from 0 on, not ${maxTokens}`);
}

function requireFinite(logits: Float32Array): void {
  // One of them is enough to tell: a NaN or an infinity in the last layer reaches every logit.
  if (Number.isFinite(logits[0])) return;
  throw new CromwellError("model", "the model computed numbers that are not finite", {
    hint: "its weights are damaged or need a wider type than they were converted to",
  });
}

/**
 * Text that ends where the first of several stop strings is complete, in whatever pieces it comes;
 * what may still become one is held back.
 */
export class StoppableText {
  readonly #stops: readonly string[];
  #pending = "";
  text = "";
  stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  /** Adds text and returns what is certain to stay. */
  push(piece: string): string {
    if (this.stopped) return "";
    this.#pending += piece;
    const end = firstStop(this.#pending, this.#stops);
    if (end !== undefined) {
      this.stopped = true;
      return this.#release(end);
    }
    const held = Math.max(0, ...this.#stops.map((stop) => overlap(this.#pending, stop)));
    return this.#release(this.#pending.length - held);
  }

  /** What was held back, as nothing more comes. */
  end(): string {
    return this.stopped ? "" : this.#release(this.#pending.length);
  }

  #release(length: number): string {
    const certain = this.#pending.slice(0, length);
    this.#pending = this.stopped ? "" : this.#pending.slice(length);
    this.text += certain;
    return certain;
  }
}

/** Where the stop string begins that is complete first, the longest of those that end together. */
function firstStop(text: string, stops: readonly string[]): number | undefined {
  let start: number | undefined;
  let end = Number.POSITIVE_INFINITY;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at < 0 || at + stop.length > end) continue;
    start = at + stop.length === end ? Math.min(start!, at) : at;
    end = at + stop.length;
  }
  return start;
}

/** Length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
