// Continues a text, or fills in at a place of a file: encodes the prompt, lets the model write, and takes of
// that what belongs there. What it yields is certain and never taken back.

import { CromwellError } from "../errors.ts";
import { PromptDraft } from "../inference/draft.ts";
import { type Generated, generate } from "../inference/generate.ts";
import type { Model } from "../inference/model.ts";
import type { SamplingOptions } from "../inference/sampler.ts";
import type { Adapter } from "../model/adapter.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { CompletionFilter } from "./completion.ts";
import { fillInPrompt, promptIds } from "./position.ts";

/** A text to be continued, or the place between two. */
export type CompletionPrompt =
  | string
  | {
      /** Its name tells the language. */
      readonly file: string;
      readonly prefix: string;
      readonly suffix: string;
    };

export interface CompleteOptions extends Partial<SamplingOptions> {
  /** Default: 256. */
  readonly maxTokens?: number | undefined;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: readonly string[] | undefined;
  /** false does not guess from what was said before: the same bytes, more slowly. */
  readonly draft?: boolean | undefined;
  /** Default: the model's. */
  readonly adapters?: readonly Adapter[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was generated, with the text that belongs at the place. */
export type Completion = Generated;

/** Yields the text as it becomes certain, and returns the whole. */
export async function* streamCompletion(
  model: Model,
  prompt: CompletionPrompt,
  options: CompleteOptions = {},
): AsyncGenerator<string, Completion> {
  const { maxTokens = 256, stop = [], draft = true, adapters, ...rest } = options;
  const ids = encodePrompt(model, prompt);
  const filter = typeof prompt === "string" ? undefined : await filterFor(prompt);
  const session = model.session({ adapters });
  try {
    const answer = generate(session, model.tokenizer, ids, {
      ...rest,
      maxTokens,
      stop,
      enough: () => filter?.done === true,
      draft: draft ? new PromptDraft(ids) : undefined,
    });
    if (filter === undefined) return yield* answer;
    return yield* filtered(answer, filter);
  } finally {
    session.close();
  }
}

/** Hands each piece of a completion on and returns the whole; what `take` throws ends the model's work. */
export async function drain(
  answer: AsyncGenerator<string, Completion>,
  take: (piece: string) => void | Promise<void>,
): Promise<Completion> {
  try {
    for (;;) {
      const next = await answer.next();
      if (next.done) return next.value;
      await take(next.value);
    }
  } finally {
    await answer.return(undefined as never);
  }
}

async function* filtered(
  answer: AsyncGenerator<string, Generated>,
  filter: CompletionFilter,
): AsyncGenerator<string, Generated> {
  let text = "";
  for (;;) {
    const next = await answer.next();
    const piece = next.done ? filter.end(next.value.finishReason) : filter.push(next.value);
    text += piece;
    if (piece !== "") yield piece;
    if (next.done) return { ...next.value, text };
  }
}

/** Decides what of the model's text goes into the place, by the language of its file. */
async function filterFor(place: Exclude<CompletionPrompt, string>): Promise<CompletionFilter> {
  const { CompletionFilter } = await import("./completion.ts");
  const { guessLanguage } = await import("../syntax/languages.ts");
  const { loadSyntax } = await import("../syntax/syntax.ts");
  const { file, prefix, suffix } = place;
  const language = guessLanguage(file, prefix + suffix);
  const syntax = language === undefined ? undefined : await loadSyntax(language);
  return new CompletionFilter({ prefix, suffix, language, syntax });
}

function encodePrompt({ tokenizer, contextLength }: Model, prompt: CompletionPrompt) {
  const texts = typeof prompt === "string" ? [prompt] : [prompt.prefix, prompt.suffix];
  const read = tokenizer.fillInTheMiddle === undefined ? texts.slice(0, 1) : texts;
  refuseTooLong(tokenizer, contextLength, read);
  if (typeof prompt === "string") return promptIds(tokenizer, prompt);
  return fillInPrompt(tokenizer, prompt.prefix, prompt.suffix);
}

/** Bytes that are encoded faster than anybody waits for. */
const quicklyEncoded = 1 << 20;

/** Refuses what no context of so many tokens holds before it is encoded, which hears no Ctrl-C. */
function refuseTooLong(tokenizer: Tokenizer, context: number, texts: readonly string[]): void {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes <= quicklyEncoded || bytes <= context * longestToken(tokenizer)) return;
  const size = (bytes / 2 ** 20).toFixed(1);
  throw new CromwellError(
    "input",
    `the prompt has ${size} MiB, more than a context of ${context} tokens can hold`,
    { hint: "shorten it, or raise --context where the model allows it" },
  );
}

/** Bytes of the vocabulary's longest token. */
function longestToken(tokenizer: Tokenizer): number {
  let longest = 0;
  for (let id = 0; id < tokenizer.size; id++) {
    longest = Math.max(longest, tokenizer.decodeBytes([id], { continued: true }).length);
  }
  return longest;
}
