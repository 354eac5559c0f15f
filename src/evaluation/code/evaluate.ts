// pass@k of a model: it answers every task so many times, each answer is run against the task's tests, and
// what passed is counted.

import { randomUUID } from "node:crypto";
import { PromptDraft } from "../../inference/draft.ts";
import { type Generated, generate } from "../../inference/generate.ts";
import type { Model } from "../../inference/model.ts";
import type { SamplingOptions } from "../../inference/sampler.ts";
import type { Session } from "../../inference/session.ts";
import { passAtK } from "../pass-at-k.ts";
import type { Result, ResultsFile } from "../results-file.ts";
import { type Python, pythonProgram } from "../sandbox/python.ts";
import { defaultLimits, type Runner } from "../sandbox/runner.ts";
import { answerCode, answerPrompt } from "./answer-prompt.ts";
import type { Task } from "./tasks.ts";
import { passMark, type Stage, testProgram } from "./test-program.ts";

export interface CodeOptions extends SamplingOptions {
  readonly tasks: readonly Task[];
  /** Answers to each task. */
  readonly samples: number;
  /** At most so many tokens an answer. */
  readonly maxTokens: number;
  /** Whether the model's chat template is used. */
  readonly chat: boolean;
  /** What runs answers, and how long one may run. */
  readonly runner: Runner;
  readonly python: Python;
  readonly seconds: number;
  readonly results?: ResultsFile | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((so: CodeProgress) => void) | undefined;
}

export interface CodeProgress {
  readonly answers: number;
  readonly of: number;
  readonly passed: number;
}

export interface Verdict {
  readonly task: string;
  readonly sample: number;
  readonly code: string;
  readonly passed: readonly Stage[];
  /** Why it did not pass all: a limit, or the last line of what Python said. */
  readonly reason: string | undefined;
}

/** Answers and judges all tasks. Throws CromwellError "interrupted". */
export async function evaluateCode(model: Model, options: CodeOptions): Promise<Verdict[]> {
  const { tasks, samples, results, onProgress } = options;
  const verdicts: Verdict[] = [];
  let passed = 0;
  const session = model.session();
  try {
    for (const task of tasks) {
      for (let sample = 0; sample < samples; sample++) {
        const key = `${task.id}#${sample}`;
        const known = verdictOf(results?.get(key), task, sample);
        const verdict = known ?? (await answer(model, session, task, sample, options));
        if (known === undefined) results?.add({ key, ...verdict });
        verdicts.push(verdict);
        if (verdict.passed.includes("base")) passed++;
        onProgress?.({ answers: verdicts.length, of: tasks.length * samples, passed });
      }
    }
  } finally {
    session.close();
  }
  return verdicts;
}

async function answer(
  model: Model,
  session: Session,
  task: Task,
  sample: number,
  options: CodeOptions,
): Promise<Verdict> {
  const { chat, signal } = options;
  const { ids, stop } = answerPrompt(model.tokenizer, task, chat);
  if (ids.length >= session.contextLength) {
    const reason = `the prompt has ${ids.length} tokens, the context ${session.contextLength}`;
    return { task: task.id, sample, code: "", passed: [], reason };
  }
  // Not the generator's own seed: samples and tasks must not repeat each other.
  const seed = Bun.hash.crc32(`${options.seed} ${task.id} ${sample}`);
  const draft = new PromptDraft(ids);
  const words = generate(session, model.tokenizer, ids, { ...options, stop, seed, draft, signal });
  const code = answerCode(task, (await last(words)).text, chat);
  return { task: task.id, sample, code, ...(await judge(task, code, options)) };
}

async function last(words: AsyncGenerator<string, Generated>): Promise<Generated> {
  for (;;) {
    const next = await words.next();
    if (next.done) return next.value;
  }
}

/** Runs a task's tests of an answer. */
export async function judge(
  task: Task,
  code: string,
  {
    runner,
    python,
    seconds,
    signal,
  }: Pick<CodeOptions, "runner" | "python" | "seconds" | "signal">,
): Promise<Pick<Verdict, "passed" | "reason">> {
  const word = randomUUID();
  const program = pythonProgram(python, testProgram(task, code, word));
  const outcome = await runner.run(program, { ...defaultLimits, seconds }, signal);
  const stages: Stage[] = task.hasPlus ? ["base", "plus"] : ["base"];
  const marks = stages.filter((stage) => outcome.stdout.includes(passMark(word, stage)));
  // Where there are no further tests, there are none to fail.
  if (marks.length === stages.length) return { passed: ["base", "plus"], reason: undefined };
  const passed = marks;
  const said = outcome.stderr.trimEnd().split("\n").at(-1)!.slice(0, 300);
  const reason = outcome.ended === "exit" ? said : `too much ${outcome.ended}`;
  return { passed, reason: reason || `exit ${outcome.exitCode}` };
}

/** What a line of results says, if it says anything. */
function verdictOf(found: Result | undefined, task: Task, sample: number): Verdict | undefined {
  if (found === undefined || typeof found.code !== "string") return undefined;
  const stages: unknown = found.passed;
  if (!Array.isArray(stages)) return undefined;
  const passed = (["base", "plus"] as const).filter((stage) => stages.includes(stage));
  const reason = typeof found.reason === "string" ? found.reason : undefined;
  return { task: task.id, sample, code: found.code, passed, reason };
}

/** The mean of pass@k over the tasks. */
export function meanPassAtK(verdicts: readonly Verdict[], stage: Stage, k: number): number {
  const tasks = new Map<string, { samples: number; passed: number }>();
  for (const { task, passed } of verdicts) {
    const so = tasks.get(task) ?? { samples: 0, passed: 0 };
    const more = passed.includes(stage) ? 1 : 0;
    tasks.set(task, { samples: so.samples + 1, passed: so.passed + more });
  }
  let sum = 0;
  for (const { samples, passed } of tasks.values()) sum += passAtK(samples, passed, k);
  return sum / tasks.size;
}
