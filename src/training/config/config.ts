// A whole configuration made of its parts: defaults, a preset, a file, flags, each over the one before;
// and what follows from the others filled in, so that a run's folder says everything that was used.

import { resolve } from "node:path";
import { CromwellError } from "../../errors.ts";
import { learningRates } from "../schedule.ts";
import {
  type ConfigKey,
  type ConfigPart,
  type Field,
  fields,
  modelFields,
  type TrainingConfig,
} from "./fields.ts";
import { tomlValue } from "./setting-value.ts";

/** The later parts win. Throws CromwellError "usage" for what does not go together. */
export function completeConfig(...parts: readonly ConfigPart[]): TrainingConfig {
  const given: ConfigPart = Object.assign({}, ...parts);
  const config = withWholePaths({ ...defaults(), ...given });
  refuseIncomplete(config, given);
  refuseHuge(config);
  return config["model.path"] === "" ? withSizes(config) : config;
}

function refuseIncomplete(config: TrainingConfig, given: ConfigPart): void {
  const fail = (message: string, hint: string) => new CromwellError("usage", message, { hint });
  if (config["data.path"] === "") {
    throw fail("there is nothing to train on", "name a folder or file: --data PATH, or data.path");
  }
  if (config["model.path"] !== "") {
    const size = Object.keys(modelFields).find((key) => Object.hasOwn(given, key));
    if (size === undefined && config.tokenizer === "") return;
    const what = size ?? "tokenizer";
    throw fail(
      `${what} is of a new model, but model.path names one to go on from`,
      `leave out one of the two`,
    );
  }
  if (config.tokenizer !== "") return;
  throw fail(
    "a new model needs a tokenizer",
    "give --tokenizer tokenizer.json (`cromwell tokenizer train` makes one), or --model FILE to go on from a model",
  );
}

/** The configuration that a checkpoint noted; keys that came later have their defaults. */
export function parseConfig(path: string, text: string): TrainingConfig {
  try {
    const noted = JSON.parse(text) as ConfigPart;
    return { ...defaults(), ...noted };
  } catch {
    throw new CromwellError("model", `${path}: the configuration that it notes is damaged`);
  }
}

function defaults(): TrainingConfig {
  const all = Object.entries(fields).map(([key, field]: [string, Field]) => [key, field.default]);
  return Object.fromEntries(all);
}

/** A run's folder keeps the configuration for whoever goes on from anywhere. */
function withWholePaths(config: TrainingConfig): TrainingConfig {
  const whole = (path: string) => path && resolve(path);
  return {
    ...config,
    tokenizer: whole(config.tokenizer),
    "model.path": whole(config["model.path"]),
    "data.path": whole(config["data.path"]),
  };
}

/** Tokens of a micro-batch, and of a step: more would be a mistake, and no machine holds them. */
const tokensMax = { batch: 1 << 22, step: 1 << 26 };

function refuseHuge(config: TrainingConfig): void {
  const batch = config["training.batch_size"] * config["data.sequence_length"];
  const step = batch * config["training.accumulation"];
  if (batch <= tokensMax.batch && step <= tokensMax.step) return;
  const [what, tokens, most] =
    batch > tokensMax.batch
      ? ["training.batch_size times data.sequence_length", batch, tokensMax.batch]
      : ["a step", step, tokensMax.step];
  throw new CromwellError("usage", `${what} is ${tokens} tokens; ${most} are the most`);
}

/** What a new model's sizes leave open. */
function withSizes(config: TrainingConfig): TrainingConfig {
  const isLlama = config["model.architecture"] === "llama";
  const { "model.hidden": hidden, "model.heads": heads } = config;
  const fail = (message: string) => new CromwellError("usage", message);
  const kvHeads = config["model.kv_heads"] || heads;
  const headDimension = config["model.head_dimension"] || Math.floor(hidden / heads);
  const context = config["model.context_length"] || config["data.sequence_length"];
  // SwiGLU has three matrices for two: two thirds of the usual four times, rounded up to whole tiles.
  const feedForward =
    config["model.feed_forward"] || (isLlama ? Math.ceil((8 * hidden) / 3 / 64) * 64 : 4 * hidden);
  if (heads % kvHeads !== 0)
    throw fail(`model.heads, ${heads}, must be a multiple of model.kv_heads, ${kvHeads}`);
  if (headDimension < 2 || headDimension % 2 !== 0) {
    throw fail(`model.head_dimension must be even, not ${headDimension}`);
  }
  if (!isLlama && (kvHeads !== heads || heads * headDimension !== hidden)) {
    throw fail("a gpt2 model has as many kv_heads as heads, and hidden / heads as head_dimension");
  }
  if (context < config["data.sequence_length"]) {
    throw fail(
      `data.sequence_length, ${config["data.sequence_length"]}, is longer than model.context_length, ${context}`,
    );
  }
  return {
    ...config,
    "model.kv_heads": kvHeads,
    "model.head_dimension": headDimension,
    "model.feed_forward": feedForward,
    "model.context_length": context,
  };
}

/** Keys that decide what a new model is, and say nothing where another is gone on from. */
const ofNewModels: readonly string[] = ["tokenizer", ...Object.keys(modelFields)];

/** The configuration as TOML, every key of it, in the table's order. */
export function toToml(config: TrainingConfig): string {
  const lines: string[] = [];
  let table = "";
  for (const [key, value] of Object.entries(config)) {
    if (value === "") continue;
    if (config["model.path"] !== "" && ofNewModels.includes(key)) continue;
    const dot = key.indexOf(".");
    if (dot > 0 && key.slice(0, dot) !== table) {
      table = key.slice(0, dot);
      lines.push("", `[${table}]`);
    }
    lines.push(`${key.slice(dot + 1)} = ${tomlValue(value)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Keys that change nothing of what is learnt. */
const harmless: readonly ConfigKey[] = [
  "evaluation.every",
  "evaluation.sequences",
  "samples.every",
  "samples.prompts",
  "samples.tokens",
  "samples.temperature",
  "checkpoints.every",
  "checkpoints.keep",
];

const ofTheSchedule: readonly ConfigKey[] = [
  "training.steps",
  "optimizer.learning_rate",
  "schedule.name",
  "schedule.warmup",
  "schedule.minimum",
  "schedule.decay",
];

/**
 * Whether a run may go on with `now` after `step` steps with `before`; those of the schedule may change
 * where the steps done would have had the same learning rates. Throws CromwellError "usage" by key.
 */
export function refuseChanges(before: TrainingConfig, now: TrainingConfig, step: number): void {
  const changed = (Object.keys(fields) as ConfigKey[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]) && !harmless.includes(key),
  );
  if (changed.every((key) => ofTheSchedule.includes(key)) && sameRates(before, now, step)) return;
  const key = changed.find((key) => !ofTheSchedule.includes(key)) ?? changed[0]!;
  const values = [before, now].map((config) => JSON.stringify(config[key]));
  throw new CromwellError(
    "usage",
    `${key} was ${values[0]} and is ${values[1]}: a resumed run goes on as it began`,
    {
      hint: "leave it as it was, or start a new run from the checkpoint with --model",
    },
  );
}

function sameRates(before: TrainingConfig, now: TrainingConfig, steps: number): boolean {
  const [old, rates] = [ratesOf(before), ratesOf(now)];
  // Of a very long run not every step: a schedule has no narrow peaks.
  const stride = Math.max(1, Math.floor(steps / 1e6));
  for (let step = steps; step >= 1; step -= stride) if (old(step) !== rates(step)) return false;
  return now["training.steps"] >= steps;
}

/** The learning rate of each step. */
export function ratesOf(config: TrainingConfig): (step: number) => number {
  return learningRates({
    name: config["schedule.name"],
    learningRate: config["optimizer.learning_rate"],
    steps: config["training.steps"],
    warmup: config["schedule.warmup"],
    minimum: config["schedule.minimum"],
    decay: config["schedule.decay"],
  });
}
