// What an answer took, in the units that users see. Times are read from the clock that starts
// with the process.

import type { DraftUse } from "../inference/drafting.ts";
import type { GenerationTimings } from "../inference/generate.ts";

export interface Timings {
  /** Opening the model. */
  readonly load_ms: number;
  /** From the start of the process to the first token. */
  readonly first_token_ms: number;
  /** Prompt tokens over all that lies between asking and the first token; null if unmeasured. */
  readonly prompt_tokens_per_second: number | null;
  /** (n - 1) / (last - first token); null for fewer than two tokens. */
  readonly tokens_per_second: number | null;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

export interface DraftReport {
  /** Guesses that were checked, and how many of them were right. */
  readonly drafted: number;
  readonly accepted: number;
  /** Tokens that one pass over the model gave; 1 without a draft. */
  readonly tokens_per_step: number;
}

export function timingsOf(
  loadMs: number,
  { started, firstToken, lastToken }: GenerationTimings,
  usage: Usage,
): Timings {
  return {
    load_ms: round(loadMs),
    first_token_ms: round(firstToken),
    prompt_tokens_per_second: rate(usage.prompt_tokens, firstToken - started),
    tokens_per_second: rate(usage.completion_tokens - 1, lastToken - firstToken),
  };
}

export function usageOf(promptTokens: number, completionTokens: number): Usage {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens };
}

export function draftOf({ drafted, accepted, steps }: DraftUse): DraftReport {
  return { drafted, accepted, tokens_per_step: round(1 + accepted / Math.max(1, steps)) };
}

function rate(count: number, ms: number): number | null {
  return count > 0 && ms > 0 ? round((count / ms) * 1000) : null;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
