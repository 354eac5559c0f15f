// One attempt at an edit: the model's answer, watched line by line. Where the answer breaks the file it
// is taken back to a good line and drawn again from there, a bounded number of times.

import type { Draft } from "../inference/draft.ts";
import type { DraftUse } from "../inference/drafting.ts";
import { type Generated, type GenerationTimings, generate } from "../inference/generate.ts";
import type { SamplingOptions } from "../inference/sampler.ts";
import type { Session } from "../inference/session.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { AnswerLines } from "./answer-lines.ts";
import type { EditPrompt } from "./prompt.ts";

/** What is wrong with an answer. */
export interface AnswerFault {
  /** The line of its code where it begins, from 0. */
  readonly line: number;
  /** What the answer has: "a syntax error: line 3 ...". */
  readonly fault: string;
}

/** Judges an answer while it comes, line by line from its first, and when it has ended. */
export interface Watch {
  line(text: string): AnswerFault | undefined;
  end(answer: Pick<Generated, "text" | "finishReason">): AnswerFault | undefined;
  close(): void;
}

export interface AttemptOptions {
  readonly prompt: EditPrompt;
  readonly sampling: SamplingOptions;
  readonly maxTokens: number;
  /** Guesses what the answer will be, from its beginning; undefined to go without. */
  draft(): Draft | undefined;
  /** Starts to watch an answer from its beginning. */
  watch(): readonly Watch[];
  onText(text: string): void;
  /** The answer is taken back to before this line of its code, from 0. */
  onRepair(fault: AnswerFault, line: number): void;
  readonly signal: AbortSignal | undefined;
}

export interface Attempt {
  /** Undefined where it was stopped at a fault that no repair could mend. */
  readonly answer: Generated | undefined;
  readonly fault: AnswerFault | undefined;
  /** Tokens drawn, those of repairs included. */
  readonly drawn: number;
  /** How often the answer was taken back. */
  readonly repairs: number;
  readonly draft: DraftUse;
  readonly timings: GenerationTimings;
}

/** Lines before the faulty one that each repair draws again too. */
const stepsBack = [0, 2, 6];

/** What repairs are drawn with at least: the most probable tokens led to the fault. */
const repairTemperature = 0.6;

/** Runs one attempt. The session keeps the prompt, so that the next one need not read it again. */
export async function attempt(
  session: Session,
  tokenizer: Tokenizer,
  options: AttemptOptions,
): Promise<Attempt> {
  const parts: Part[] = [];
  let kept: readonly number[] = [];
  for (;;) {
    const part = await draw(session, tokenizer, options, kept, parts.length);
    parts.push(part);
    const back = stepsBack[parts.length - 1];
    if (part.fault === undefined || back === undefined) return join(parts);
    const line = Math.max(0, part.fault.line - back);
    options.onRepair(part.fault, line);
    kept = tokensBefore(line, part.tokens, options.prompt.fence, tokenizer);
  }
}

/** A piece of work on the answer: from its beginning or a repair to its end or a fault. */
interface Part {
  /** The answer from its beginning, and how many of its tokens this part drew. */
  readonly tokens: readonly number[];
  readonly drawn: number;
  /** Undefined where it was stopped at a fault. */
  readonly generated: Generated | undefined;
  readonly fault: AnswerFault | undefined;
  readonly timings: GenerationTimings;
}

function join(parts: readonly Part[]): Attempt {
  const last = parts.at(-1)!;
  const { started, firstToken } = parts[0]!.timings;
  const uses = parts.flatMap(({ generated }) => generated?.draft ?? []);
  const sum = (name: keyof DraftUse) => uses.reduce((total, use) => total + use[name], 0);
  return {
    answer: last.generated,
    fault: last.fault,
    drawn: parts.reduce((total, { drawn }) => total + drawn, 0),
    repairs: parts.length - 1,
    draft: { drafted: sum("drafted"), accepted: sum("accepted"), steps: sum("steps") },
    timings: { started, firstToken, lastToken: last.timings.lastToken },
  };
}

async function draw(
  session: Session,
  tokenizer: Tokenizer,
  options: AttemptOptions,
  kept: readonly number[],
  repair: number,
): Promise<Part> {
  const { prompt, maxTokens, signal } = options;
  const watches = options.watch();
  const lines = new AnswerLines(prompt.fence);
  firstFault(lines.push(tokenizer.decode(kept, { continued: true })), watches);
  const answer = generate(session, tokenizer, prompt.ids, {
    ...(repair === 0 ? options.sampling : repaired(options.sampling, repair)),
    maxTokens,
    stop: prompt.stop,
    begun: kept,
    draft: options.draft(),
    signal,
  });
  const started = performance.now();
  let firstToken: number | undefined;
  try {
    for (;;) {
      const next = await answer.next();
      if (next.done) return ended(next.value, kept.length, faultAtEnd(next.value, watches));
      firstToken ??= performance.now();
      options.onText(next.value);
      const fault = firstFault(lines.push(next.value), watches);
      if (fault === undefined) continue;
      await answer.return(undefined as never);
      const tokens = session.tokens.slice(prompt.ids.length);
      const timings = { started, firstToken, lastToken: performance.now() };
      return { tokens, drawn: tokens.length - kept.length, generated: undefined, fault, timings };
    }
  } finally {
    for (const watch of watches) watch.close();
  }
}

function ended(generated: Generated, kept: number, fault: AnswerFault | undefined): Part {
  const { tokens, timings } = generated;
  return { tokens, drawn: tokens.length - kept, generated, fault, timings };
}

/** Shows lines to all watches; what is known to be good is shown too. */
function firstFault(lines: readonly string[], watches: readonly Watch[]): AnswerFault | undefined {
  for (const line of lines) {
    const faults = watches.map((watch) => watch.line(line));
    const found = faults.find((fault) => fault !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

function faultAtEnd(answer: Generated, watches: readonly Watch[]): AnswerFault | undefined {
  return watches.map((watch) => watch.end(answer)).find((fault) => fault !== undefined);
}

function repaired(sampling: SamplingOptions, repair: number): SamplingOptions {
  const temperature = Math.max(repairTemperature, sampling.temperature);
  return { ...sampling, temperature, seed: sampling.seed + repair };
}

/**
 * As many of the tokens as stand before a line of the answer's code, without the line break: what
 * ends an answer begins with one.
 */
function tokensBefore(
  line: number,
  tokens: readonly number[],
  fence: string,
  tokenizer: Tokenizer,
): readonly number[] {
  const lines = new AnswerLines(fence);
  const decoder = tokenizer.decoder();
  let complete = 0;
  const end = tokens.findIndex((token) => {
    complete += lines.push(decoder.push(token)).length;
    return complete >= line;
  });
  return line === 0 ? [] : tokens.slice(0, end);
}
