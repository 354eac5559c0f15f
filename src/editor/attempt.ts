// One attempt at an edit: the model's answer, watched line by line. Where the answer breaks the file it
// is taken back to a good line and drawn again from there, a bounded number of times.

import { RewriteDraft } from "../inference/draft.ts";
import { type DraftUse, totalUse } from "../inference/drafting.ts";
import { type Generated, type GenerationTimings, generate } from "../inference/generate.ts";
import type { SamplingOptions } from "../inference/sampler.ts";
import type { Session } from "../inference/session.ts";
import { UnsaidLine } from "../inference/unsaid-line.ts";
import type { EditPrompt } from "../tokenizer/edit-prompt.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { AnswerLines } from "./answer-lines.ts";
import type { Approach } from "./approach.ts";

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
  readonly approach: Approach;
  readonly maxTokens: number;
  /** The text to rewrite with its closing fence. */
  readonly original: readonly number[];
  /** Whether the original is checked as a draft, many tokens at once: the same bytes, faster. */
  readonly draft: boolean;
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
  /** From the first token to the last one is the time that drawing took, without what lies between. */
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
  let kept = options.approach.begun;
  if (kept.length > 0) options.onText(tokenizer.decode(kept, { continued: true }));
  for (;;) {
    const part = await draw(session, tokenizer, options, kept, parts.length);
    parts.push(part);
    const back = stepsBack[parts.length - 1];
    if (part.fault === undefined || back === undefined) return join(parts);
    const line = Math.max(0, part.fault.line - back);
    options.onRepair(part.fault, line);
    kept = tokensBefore(line, part.generated.tokens, options.prompt.fence, tokenizer);
  }
}

/** A piece of work on the answer: from its beginning or a repair to its end or a fault. */
interface Part {
  /** From the answer's beginning; a little beyond the fault where it was stopped at one. */
  readonly generated: Generated;
  /** How many of its tokens this part drew. */
  readonly drawn: number;
  readonly fault: AnswerFault | undefined;
  /** Whether the fault ended it. */
  readonly isStopped: boolean;
}

function join(parts: readonly Part[]): Attempt {
  const last = parts.at(-1)!;
  const sum = (of: (part: Part) => number) => parts.reduce((total, part) => total + of(part), 0);
  const { started, firstToken } = parts[0]!.generated.timings;
  const drawing = sum(({ generated: { timings } }) => timings.lastToken - timings.firstToken);
  return {
    answer: last.isStopped ? undefined : last.generated,
    fault: last.fault,
    drawn: sum(({ drawn }) => drawn),
    repairs: parts.length - 1,
    draft: totalUse(parts.map(({ generated }) => generated.draft)),
    timings: { started, firstToken, lastToken: firstToken + drawing },
  };
}

async function draw(
  session: Session,
  tokenizer: Tokenizer,
  options: AttemptOptions,
  kept: readonly number[],
  repair: number,
): Promise<Part> {
  const { prompt, approach, maxTokens, signal } = options;
  const watches = options.watch();
  const lines = new AnswerLines(prompt.fence);
  firstFault(lines.push(tokenizer.decode(kept, { continued: true })), watches);
  let fault: AnswerFault | undefined;
  const draft = new RewriteDraft(options.original, tokenizer);
  const drafts = [draft, new UnsaidLine(options.original, tokenizer)];
  const answer = generate(session, tokenizer, prompt.ids, {
    ...(repair === 0 ? approach.sampling : repaired(approach.sampling, repair)),
    maxTokens,
    stop: prompt.stop,
    begun: kept,
    enough: () => fault !== undefined,
    draft: options.draft ? draft : undefined,
    preference: approach.bias === 0 ? undefined : { drafts, bias: approach.bias },
    signal,
  });
  try {
    for (;;) {
      const next = await answer.next();
      if (next.done) {
        const generated = next.value;
        const isStopped = fault !== undefined;
        fault ??= faultAtEnd(generated, watches);
        return { generated, drawn: generated.tokens.length - kept.length, fault, isStopped };
      }
      if (fault !== undefined) continue;
      options.onText(next.value);
      fault = firstFault(lines.push(next.value), watches);
    }
  } finally {
    for (const watch of watches) watch.close();
  }
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
