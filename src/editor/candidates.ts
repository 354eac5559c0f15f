// Asks the model for one answer or several, judges each, and chooses the best that the user's own check,
// where there is one, lets pass. The prompt is read once for all.

import { RewriteDraft } from "../inference/draft.ts";
import { type DraftUse, totalUse } from "../inference/drafting.ts";
import type { GenerationTimings } from "../inference/generate.ts";
import type { Model } from "../inference/model.ts";
import { meanLogProbability } from "../inference/probability.ts";
import { greedy, type SamplingOptions } from "../inference/sampler.ts";
import type { Session } from "../inference/session.ts";
import { type Attempt, attempt, type Watch } from "./attempt.ts";
import type { CheckOutcome } from "./check-command.ts";
import type { EditEvent } from "./events.ts";
import type { EditPlan } from "./plan.ts";
import { rank } from "./ranking.ts";
import { RepetitionWatch } from "./repetition-watch.ts";
import type { AttemptReport } from "./result.ts";
import { SyntaxWatch } from "./syntax-watch.ts";
import { type Usage, usageOf } from "./timings.ts";
import { judge, unjudged, type Verdict } from "./verdict.ts";

export interface AnswerOptions {
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

/** What every attempt but the first is drawn with at least, so that they differ. */
const variedTemperature = 0.7;

/** Seeds between one attempt and the next, as repairs count up from an attempt's own. */
const seedsApart = 1000;

type Candidate = AttemptReport & Verdict;

export async function answerEdit(
  model: Model,
  plan: EditPlan,
  options: AnswerOptions,
): Promise<Answers> {
  const { attempts: count = 1 } = options;
  const session = model.session();
  const attempts: Attempt[] = [];
  const candidates: Candidate[] = [];
  try {
    announce(plan, options);
    for (let number = 1; number <= count; number++) {
      const run = await ask(model, session, plan, options, number);
      attempts.push(run);
      const candidate = await judged(session, plan, run, options);
      candidates.push(candidate);
      const { status, reason } = candidate;
      options.onEvent?.({ type: "attempt", attempt: number, status, reason });
    }
  } finally {
    session.close();
  }
  const best = await choose(candidates, options);
  return { best: candidates[best]!, reports: candidates, ...totals(plan, attempts) };
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

async function ask(
  { tokenizer, contextLength }: Model,
  session: Session,
  plan: EditPlan,
  { sampling, draft = true, signal, onEvent }: AnswerOptions,
  number: number,
): Promise<Attempt> {
  const { code, prompt } = plan;
  const original = tokenizer.encode(`${code}\n${prompt.fence}`);
  return await attempt(session, tokenizer, {
    prompt,
    sampling: varied({ ...greedy, ...sampling }, number),
    maxTokens: Math.min(contextLength - prompt.ids.length, 2 * original.length + 256),
    draft: () => (draft ? new RewriteDraft(original, tokenizer) : undefined),
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

function varied(sampling: SamplingOptions, number: number): SamplingOptions {
  if (number === 1) return sampling;
  const temperature = Math.max(variedTemperature, sampling.temperature);
  return { ...sampling, temperature, seed: sampling.seed + (number - 1) * seedsApart };
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
    attempts === 1
      ? null
      : await meanLogProbability(session, plan.prompt.ids, answer.tokens, signal);
  return { ...judge(plan, answer), repairs, logProbability, check: null };
}

/**
 * The index of the best candidate. With a check, candidates are tried in their order until one passes;
 * those that fail become rejected.
 */
async function choose(candidates: Candidate[], { check, onEvent }: AnswerOptions): Promise<number> {
  const order = rank(candidates);
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

function totals({ prompt }: EditPlan, attempts: readonly Attempt[]) {
  const sum = (of: (attempt: Attempt) => number) => attempts.reduce((all, one) => all + of(one), 0);
  const { started, firstToken } = attempts[0]!.timings;
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
