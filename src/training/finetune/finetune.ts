// Runs a fine-tuning in a folder of its own: settings, metrics and checkpoints as any training has them,
// judged before and after, resumed bit for bit, and at its end an adapter or a model.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { CromwellError } from "../../errors.ts";
import { writeAtomically } from "../../formats/atomic-file.ts";
import { openModelAlone } from "../../formats/checkpoint.ts";
import { type Checkpoint, newestCheckpoint, restore } from "../checkpoints/restore.ts";
import { createOptimizer } from "../optimizer/optimizer.ts";
import type { Trainer, TrainerListener, TrainerResult } from "../trainer.ts";
import { lockRun, type RunLock } from "../watch/run-lock.ts";
import { RunRecord } from "../watch/run-record.ts";
import { decidedSettings } from "./adaptation.ts";
import { baseDigest } from "./base-digest.ts";
import { classifyTask } from "./classify-task.ts";
import { configName, readSettings, settingsOf, writeSettings } from "./config-file.ts";
import { instructTask } from "./instruct-task.ts";
import { preferenceTask } from "./preference-task.ts";
import { refuseChanges, stepsOf } from "./rates.ts";
import {
  changedSettings,
  completeSettings,
  type GivenSettings,
  type Settings,
  type Task,
} from "./settings.ts";
import { editPromptOf, settingsOfAdapter, startFrom } from "./start-from.ts";
import {
  type Counts,
  type FinetuningTask,
  type Judgement,
  parseJudgement,
  type TaskInput,
} from "./task.ts";
import { type Run, trainerOf } from "./tuning-trainer.ts";

export interface FinetuneOptions {
  /** Stops the run, which leaves a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
  /** What is being done before the first step. */
  readonly onProgress?: ((text: string) => void) | undefined;
  readonly onEvent?: TrainerListener | undefined;
  /** Runs the trainer to its end, and shows it meanwhile; by default it just runs. */
  readonly runTrainer?:
    | ((trainer: Trainer, record: RunRecord) => Promise<TrainerResult>)
    | undefined;
}

export interface FinetuneResult {
  readonly task: Task;
  readonly state: "finished" | "stopped";
  readonly step: number;
  readonly steps: number;
  /** Of the last step. */
  readonly loss: number;
  /** Values that train. */
  readonly parameters: number;
  readonly examples: Counts;
  /** On the rows that it is judged by, where there are any. */
  readonly before: Judgement | null;
  readonly after: Judgement | null;
  /** What was written at the end: an adapter in both formats, or a model. */
  readonly files: readonly string[];
}

/**
 * Fine-tunes `given.model` on `given.data` in the folder `output`. Throws CromwellError "usage" and "input"
 * for what is wrong with settings and data, "model" where the loss explodes.
 */
export async function finetune(
  given: GivenSettings,
  output: string,
  options: FinetuneOptions = {},
): Promise<FinetuneResult> {
  const { from = "" } = given;
  const settings = completeSettings(
    from === "" ? given : await settingsOfAdapter({ ...given, from }, options.signal),
  );
  return withLock(output, (lock) => {
    if (existsSync(join(output, configName))) {
      throw new CromwellError("usage", `${output} has a run already`, {
        hint: "go on with it by --resume, or name another --output",
      });
    }
    return run(settings, lock, undefined, options);
  });
}

export interface ResumeOptions extends FinetuneOptions {
  /** The task that is expected. */
  readonly task?: Task | undefined;
  /** Settings that are to be others than they were, as far as refuseChanges() lets them. */
  readonly changes?: Partial<GivenSettings> | undefined;
}

/** Goes on with the run in the folder `output` as if it had never stopped. */
export async function resumeFinetuning(
  output: string,
  options: ResumeOptions = {},
): Promise<FinetuneResult> {
  const { onNotice = () => {}, signal, task, changes = {} } = options;
  return withLock(output, async (lock) => {
    const settings = changedSettings(readSettings(output), changes);
    if (task !== undefined && task !== settings.task) {
      throw new CromwellError(
        "usage",
        `the run in ${output} is one of ${settings.task}, not ${task}`,
      );
    }
    const checkpoint = await newestCheckpoint(join(output, "checkpoints"), onNotice, signal);
    return run(settings, lock, checkpoint, options);
  });
}

/** Nobody else trains in the folder while something is done with it, which begins with reading it. */
async function withLock<T>(folder: string, use: (lock: RunLock) => Promise<T>): Promise<T> {
  const lock = await lockRun(folder);
  try {
    return await use(lock);
  } finally {
    lock.close();
  }
}

async function run(
  given: Settings,
  lock: RunLock,
  checkpoint: Checkpoint | undefined,
  options: FinetuneOptions,
): Promise<FinetuneResult> {
  const { folder } = lock;
  const { signal, onNotice = () => {}, onProgress = () => {} } = options;
  onProgress("reading the model");
  const base = await openModelAlone(given.model, signal);
  const settings = checkpoint === undefined ? decidedSettings(base, given) : given;
  const digest = await baseDigest(base, signal);
  refuseOther(checkpoint, "base", digest, `${settings.model}: not the model`);
  const editPrompt = editPromptOf(settings, base, checkpoint);
  const about = { settings, base, baseDigest: digest, editPrompt };
  const input = { ...about, folder, signal, onNotice, onProgress };
  const task = await taskOf(input);
  const optimizer = createOptimizer(task.network.parameters, {
    name: "adamw",
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: settings.weight_decay,
  });
  try {
    refuseOther(checkpoint, "data", task.digest, `${settings.data}: not the data`);
    tellOfLongRows(task, settings, onNotice);
    refuseNoRows(task, settings);
    const recorded = checkpoint ? recordedSettings(checkpoint, settings, task) : settings;
    if (checkpoint === undefined && settings.from !== "") startFrom(settings.from, task.network);
    const before = await judgedBefore(task, checkpoint, options);
    if (checkpoint !== undefined) restore(checkpoint, task.network.parameters, optimizer);
    const progress = checkpoint?.progress;
    if (progress !== undefined) task.source.seek(progress.position);
    const run = { settings, recorded, lock, base: digest, task, optimizer, before, checkpoint };
    return await train(run, options);
  } finally {
    optimizer.close();
    await task.network.close();
  }
}

/** The checkpoint says how the steps before it were made. Throws CromwellError "usage" for what cannot follow. */
function recordedSettings(
  checkpoint: Checkpoint,
  now: Settings,
  { source }: FinetuningTask,
): Settings {
  const before = settingsOf(checkpoint.path, checkpoint.note("config"));
  return refuseChanges(before, now, { step: checkpoint.progress.step, source });
}

function taskOf(input: TaskInput): Promise<FinetuningTask> {
  const { task } = input.settings;
  if (task === "classify") return classifyTask(input);
  return task === "preference" ? preferenceTask(input) : instructTask(input);
}

/** A resumed run finds the model and the data that it began with. */
function refuseOther(
  checkpoint: Checkpoint | undefined,
  note: "base" | "data",
  digest: string,
  what: string,
): void {
  if (checkpoint === undefined || checkpoint.note(note) === digest) return;
  throw new CromwellError("input", `${what} that the run began with`, {
    hint: "bring it back, or start another run",
  });
}

function tellOfLongRows(
  { counts, tokensMax }: FinetuningTask,
  { tokens_max }: Settings,
  onNotice: (line: string) => void,
): void {
  if (counts.tooLong === 0) return;
  const why = tokensMax < tokens_max ? "the model's context" : "--tokens-max";
  onNotice(`${counts.tooLong} rows of more than ${tokensMax} tokens were left out (${why})`);
}

function refuseNoRows({ counts }: FinetuningTask, { data }: Settings): void {
  if (counts.train > 0) return;
  throw new CromwellError("input", `${data}: no row is left to train on`, {
    hint: "raise --tokens-max, as far as the model's context goes, or the first share of --split",
  });
}

/** Of a resumed run, what was found when it began. */
async function judgedBefore(
  task: FinetuningTask,
  checkpoint: Checkpoint | undefined,
  { signal, onProgress = () => {} }: FinetuneOptions,
): Promise<Judgement | null> {
  if (checkpoint !== undefined) return parseJudgement(checkpoint.path, checkpoint.note("before"));
  if (task.test === undefined) return null;
  onProgress("judging the model as it is");
  return task.test(signal);
}

async function train(run: Run, options: FinetuneOptions): Promise<FinetuneResult> {
  const { settings, recorded, lock, task, before, checkpoint } = run;
  const { folder } = lock;
  const { signal, onNotice = () => {}, onEvent } = options;
  const { runTrainer = (trainer: Trainer) => trainer.run(signal) } = options;
  const steps = stepsOf(settings, task.source);
  const { count } = task.network.parameters;
  const info = {
    name: folder,
    parameters: count,
    steps,
    resumedAt: checkpoint?.progress.step ?? 0,
  };
  const record = await RunRecord.open(lock, { run: info, onNotice, signal });
  let trainer: Trainer | undefined;
  try {
    await writeSettings(folder, recorded, recorded === settings ? undefined : steps);
    trainer = trainerOf(run);
    trainer.on(record.listener);
    if (onEvent !== undefined) trainer.on(onEvent);
    const { state, step, loss } = await runTrainer(trainer, record);
    const result = { task: settings.task, state, step, steps, loss, parameters: count, before };
    const examples = task.counts;
    if (state === "stopped") return { ...result, examples, after: null, files: [] };
    const after = (await task.test?.(signal)) ?? null;
    const files = await task.save(folder, signal);
    const whole = { ...result, examples, after, files };
    await writeResult(folder, whole);
    return whole;
  } finally {
    await trainer?.close();
    await record.close();
  }
}

async function writeResult(folder: string, result: FinetuneResult): Promise<void> {
  const text = new TextEncoder().encode(`${JSON.stringify(result, null, 1)}\n`);
  await writeAtomically(join(folder, "result.json"), {}, (file) => file.write(text));
}
