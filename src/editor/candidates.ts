// Asks the model for one answer or several, judges each, and chooses the best that the user's own check,
// where there is one, lets pass. The prompt is read once for all.

import { type DraftUse, totalUse } from "../inference/drafting.ts";
import type { GenerationTimings } from "../inference/generate.ts";
import type { Model } from "../inference/model.ts";
import { meanLogProbability } from "../inference/probability.ts";
import type { SamplingOptions } from "../inference/sampler.ts";
import type { Session } from "../inference/session.ts";
import { type Approach, approaches } from "./approach.ts";
import { type Attempt, attempt, type Watch } from "./attempt.ts";
import type { CheckOutcome } from "./check-command.ts";
import type { EditEvent } from "./events.ts";
import type { EditPlan } from "./plan.ts";
import { rank, rankLikeliestFirst } from "./ranking.ts";
import { RepetitionWatch } from "./repetition-watch.ts";
import type { AttemptReport } from "./result.ts";
import { SyntaxWatch } from "./syntax-watch.ts";
import { type Usage, usageOf } from "./timings.ts";
import { judge, unjudged, type Verdict } from "./verdict.ts";

export interface AnswerOptions {
  /** Default: one, or with an edit adapter as many as it takes until one is an edit, at most 3. */
  readonly attempts?: number | undefined;
  readonly sampling?: Partial<SamplingOptions> | undefined;
  readonly draft?: boolean | undefined;
  /** Runs the user's check on a whole new text. */
  readonly check: ((contents: string) => Promise<CheckOutcome>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: EditEvent) => void) | undefined;
}

export interface Answers {
  readonly best: Verdict;
  readonly reports: readonly AttemptReport[];
  /** Tokens of the prompt, and those drawn in all attempts. */
  readonly usage: Usage;
  readonly draft: DraftUse;
  readonly timings: GenerationTimings;
}

/** Answers of an edit adapter, until one is an edit. */
const mostByDefault = 3;

type Candidate = AttemptReport & Verdict;

export async function answerEdit(
  model: Model,
  plan: EditPlan,
  options: AnswerOptions,
): Promise<Answers> {
  const { attempts, sampling, signal } = options;
  const count = attempts ?? (plan.hasEditAdapter ? mostByDefault : 1);
  const session = model.session();
  const original = model.tokenizer.encode(`${plan.code}\n${plan.prompt.fence}`);
  const started = performance.now();
  const runs: Attempt[] = [];
  const candidates: Candidate[] = [];
  try {
    announce(plan, options);
    const request = { sampling, count, signal };
    const ways = await approaches(model, session, plan, original, request);
    for (const [index, approach] of ways.entries()) {
      // Unasked, only as long as there is another change to begin with.
      if (attempts === undefined && index > 0 && approach.begun.length === 0) break;
      const number = index + 1;
      const run = await ask(model, session, plan, { ...options, approach, original, number });
      runs.push(run);
      const candidate = await judged(session, plan, run, options);
      candidates.push(candidate);
      const { status, reason } = candidate;
      options.onEvent?.({ type: "attempt", attempt: number, status, reason });
      if (attempts === undefined && status === "edited") break;
    }
  } finally {
    session.close();
  }
  const best = await choose(plan, candidates, options);
  return { best: candidates[best]!, reports: candidates, ...totals(plan, started, runs) };
}

function announce({ region, source, prompt }: EditPlan, { onEvent }: AnswerOptions): void {
  const end = source.text.replace(/\n+$/, "").split("\n").length;
  onEvent?.({
    type: "start",
    region: region?.name ?? null,
    lines: region === undefined ? [1, end] : [region.start + 1, region.end],
    promptTokens: prompt.ids.length,
  });
}

interface AskOptions extends AnswerOptions {
  readonly approach: Approach;
  /** The text to rewrite with its closing fence. */
  readonly original: readonly number[];
  /** Of the attempt, from 1. */
  readonly number: number;
}

async function ask(
  { tokenizer, contextLength }: Model,
  session: Session,
  plan: EditPlan,
  { approach, original, number, draft = true, signal, onEvent }: AskOptions,
): Promise<Attempt> {
  const { prompt } = plan;
  return await attempt(session, tokenizer, {
    prompt,
    approach,
    maxTokens: Math.min(contextLength - prompt.ids.length, 2 * original.length + 256),
    original,
    draft,
    watch: () => watches(plan),
    onText: (text) => onEvent?.({ type: "text", attempt: number, text }),
    onRepair: ({ fault }, line) =>
      onEvent?.({ type: "repair", attempt: number, line: line + 1, fault }),
    signal,
  });
}

function watches(plan: EditPlan): readonly Watch[] {
  const repetition = new RepetitionWatch(plan.code);
  const { syntax } = plan;
  return syntax === undefined ? [repetition] : [new SyntaxWatch(plan, syntax), repetition];
}

async function judged(
  session: Session,
  plan: EditPlan,
  { answer, fault, repairs }: Attempt,
  { attempts = 1, signal }: AnswerOptions,
): Promise<Candidate> {
  if (answer === undefined) {
    const reason = `the answer has ${fault!.fault}`;
    const verdict = { status: "rejected", reason, edited: undefined, checks: unjudged } as const;
    return { ...verdict, repairs, logProbability: null, check: null };
  }
  const logProbability =
    attempts === 1 || plan.hasEditAdapter
      ? null
      : await meanLogProbability(session, plan.prompt.ids, answer.tokens, signal);
  return { ...judge(plan, answer), repairs, logProbability, check: null };
}

/**
 * The index of the best candidate. With a check, candidates are tried in their order until one passes;
 * those that fail become rejected.
 */
async function choose(
  { hasEditAdapter }: EditPlan,
  candidates: Candidate[],
  { check, onEvent }: AnswerOptions,
): Promise<number> {
  const order = hasEditAdapter ? rankLikeliestFirst(candidates) : rank(candidates);
  if (check === undefined) return order[0]!;
  const outcomes = new Map<string, CheckOutcome>();
  for (const index of order) {
    const candidate = candidates[index]!;
    if (candidate.edited === undefined) continue;
    onEvent?.({ type: "checking", attempt: index + 1 });
    const outcome = outcomes.get(candidate.edited) ?? (await check(candidate.edited));
    outcomes.set(candidate.edited, outcome);
    const { exitCode } = outcome;
    onEvent?.({ type: "check", attempt: index + 1, exitCode });
    candidates[index] = { ...candidate, check: outcome };
    if (exitCode === 0) return index;
    const ended = exitCode === null ? "was ended" : `failed with exit code ${exitCode}`;
    candidates[index] = {
      ...candidates[index]!,
      status: "rejected",
      reason: `the check ${ended}`,
      edited: undefined,
    };
  }
  return order[0]!;
}

function totals({ prompt }: EditPlan, started: number, attempts: readonly Attempt[]) {
  const sum = (of: (attempt: Attempt) => number) => attempts.reduce((all, one) => all + of(one), 0);
  const { firstToken } = attempts[0]!.timings;
  return {
    usage: usageOf(
      prompt.ids.length,
      sum(({ drawn }) => drawn),
    ),
    draft: totalUse(attempts.map(({ draft }) => draft)),
    timings: {
      started,
      firstToken,
      lastToken: firstToken + sum(({ timings }) => timings.lastToken - timings.firstToken),
    },
  };
}
