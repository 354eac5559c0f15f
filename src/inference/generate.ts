// Generates text from a prompt: token by token, or, where a draft guesses what comes next, several
// tokens checked in one pass. The answer is the same with any draft and without one.

import { throwIfInterrupted } from "../breathe.ts";
import { CromwellError } from "../errors.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { Answer, type FinishReason, type Preference } from "./answer.ts";
import type { Draft } from "./draft.ts";
import { Drafting, type DraftUse } from "./drafting.ts";
import { greedy, Sampler, type SamplingOptions } from "./sampler.ts";
import type { Session } from "./session.ts";

export interface GenerateOptions extends Partial<SamplingOptions> {
  readonly maxTokens: number;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: readonly string[];
  /**
   * Tokens that the answer begins with already, as when a part of an earlier one is kept: they count as
   * the answer's in every respect, but their text is not given out again.
   */
  readonly begun?: readonly number[];
  /** Guesses what the model will say. Changes how fast the answer comes, and nothing else. */
  readonly draft?: Draft | undefined;
  /** Makes the answer keep to a text. The draft above may be one of its: asking it again changes nothing. */
  readonly preference?: Preference | undefined;
  /** Asked after each piece of text: true ends the answer there, as a stop text would. */
  readonly enough?: (() => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Generated {
  readonly text: string;
  /** Without the stop token. */
  readonly tokens: readonly number[];
  readonly finishReason: FinishReason;
  readonly promptTokens: number;
  readonly draft: DraftUse;
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
  const { signal, maxTokens, begun = [], stop = [], enough = () => false, preference } = options;
  checkRequest(session, prompt, maxTokens);
  const started = performance.now();
  const sampler = new Sampler({ ...greedy, ...options }, prompt);
  const start = prompt.length;
  const room = Math.min(maxTokens, session.contextLength - start);
  const answer = new Answer(tokenizer, sampler, { start, room, stop, begun, preference });
  const drafting = new Drafting(session, options.draft);
  if (answer.finishReason === undefined) {
    answer.choose(await session.prefill([...prompt, ...answer.tokens], { signal }));
    yield* answer.take();
  }
  while (answer.finishReason === undefined && !enough()) {
    throwIfInterrupted(signal);
    await drafting.step(answer, signal);
    yield* answer.take();
  }
  const rest = answer.end();
  if (rest !== "") yield rest;
  const { text, tokens, firstToken = started, lastToken = started } = answer;
  const finishReason = answer.finishReason ?? "stop";
  const timings = { started, firstToken, lastToken };
  const { use } = drafting;
  return { text, tokens, finishReason, promptTokens: prompt.length, draft: use, timings };
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
