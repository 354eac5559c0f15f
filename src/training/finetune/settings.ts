// Every setting of a fine-tuning: which tasks have it, its default in each, its bounds, and what it means.
// Flags, the run's config.toml and the comparison on resuming all go by this table.

import { CromwellError } from "../../errors.ts";
import { isFileType } from "../../formats/target-type.ts";
import { misfit, shown } from "../config/setting-value.ts";
import { scheduleNames } from "../schedule.ts";
import { parseTargets, parseTrains } from "./trained-names.ts";

export const tasks = ["lora", "instruct", "classify", "preference"] as const;
export type Task = (typeof tasks)[number];

export interface Setting {
  readonly kind: "text" | "whole" | "number" | "switch";
  /** What each task that has it takes where nothing is said. */
  readonly defaults: Partial<Record<Task, string | number | boolean>>;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Throws CromwellError "usage" for a text that means nothing. */
  readonly check?: (text: string) => unknown;
  readonly hint?: string;
  readonly description: string;
}

const whole = (
  defaults: Setting["defaults"],
  minimum: number,
  maximum: number,
  description: string,
) => ({ kind: "whole", defaults, minimum, maximum, hint: "n", description }) as const;
const number = (
  defaults: Setting["defaults"],
  minimum: number,
  maximum: number,
  description: string,
) => ({ kind: "number", defaults, minimum, maximum, hint: "x", description }) as const;
const text = (
  defaults: Setting["defaults"],
  hint: string,
  description: string,
  check?: Setting["check"],
) => ({ kind: "text", defaults, hint, description, ...(check && { check }) }) as const;

const all = <const T>(value: T) => ({
  lora: value,
  instruct: value,
  classify: value,
  preference: value,
});
const tokensMax = 1 << 20;

export const settings = {
  data: text(
    all(""),
    "file",
    "JSON, JSON lines, CSV or TSV; docs/finetuning.md says what is in a row",
  ),
  split: text(
    { ...all("95/5/0"), classify: "70/10/20" },
    "a/b/c",
    "Percent trained on, watched meanwhile, and judged by at the end",
    (given) => parseShares(given),
  ),
  validation: text(
    { lora: "", instruct: "" },
    "file",
    "Rows to watch, in a file of their own; then all of --data is trained on",
  ),
  balance: {
    kind: "switch",
    defaults: { classify: false },
    description: "As many rows of each class as the rarest has",
  },
  template: text(
    { lora: "auto", instruct: "auto", preference: "auto" },
    "chat|alpaca",
    "How a row is written; by default the model's chat template where it has one",
    oneOf("template", ["auto", "chat", "alpaca"]),
  ),
  loss: text(
    { lora: "answers", instruct: "answers" },
    "answers|all",
    "What is learnt",
    oneOf("loss", ["answers", "all"]),
  ),
  changed_weight: number(
    { lora: 0, instruct: 0 },
    0,
    1000,
    "What a token of the output counts that the input does not have; 0: 4 or more in edits, else 1",
  ),
  from: text({ lora: "" }, "adapter", "Go on from this adapter, with its rank, alpha and targets"),
  rank: whole({ lora: 16, preference: 16 }, 1, 1024, "Rank of the adapters"),
  alpha: number({ lora: 32, preference: 32 }, 1e-6, 1e6, "Their scale is alpha / rank"),
  targets: text(
    { lora: "all", preference: "all" },
    "names",
    "Matrices that get one: all, attention, or names with commas",
    parseTargets,
  ),
  base_precision: text(
    { lora: "auto", preference: "auto" },
    "f32|bf16",
    "Of products with the frozen weights; by default bf16 where the CPU has instructions for it",
    oneOf("base_precision", ["auto", "f32", "bf16"]),
  ),
  train: text(
    { instruct: "all", classify: "last:1" },
    "all|last:n|head",
    "Which weights train: all, those from the last n blocks on, or the output matrix",
    parseTrains,
  ),
  beta: number({ preference: 0.1 }, 1e-6, 100, "How dear it is to leave the model as it was"),
  epochs: whole(
    { lora: 3, instruct: 2, classify: 5, preference: 1 },
    1,
    10_000,
    "Times that each row is read",
  ),
  learning_rate: number(
    { lora: 5e-4, instruct: 5e-5, classify: 1e-4, preference: 5e-5 },
    0,
    10,
    "The highest",
  ),
  steps: whole(all(0), 0, 1e9, "Steps in all; 0: as many as the epochs have"),
  schedule: text(
    all("cosine"),
    scheduleNames.join("|"),
    "How the learning rate falls: from the warm-up on, or (wsd) in a straight line at the end",
    oneOf("schedule", scheduleNames),
  ),
  warmup: whole(all(0), 0, 1e9, "Steps up to the highest rate; 0: a tenth, at most 100"),
  minimum: number(all(0.1), 0, 1, "The last learning rate's share of the highest"),
  decay: number(all(0.2), 0, 1, "Share of the steps in which wsd falls"),
  weight_decay: number({ lora: 0, instruct: 0.01, classify: 0.1, preference: 0 }, 0, 10, "AdamW's"),
  dropout: number(
    { lora: 0, instruct: 0, classify: 0 },
    0,
    0.9,
    "Share of activations that is dropped; of the inputs of adapters where there are any",
  ),
  step_tokens: whole(all(2048), 1, tokensMax, "Tokens of a step, padding included"),
  pass_tokens: whole(all(1024), 1, tokensMax, "Tokens computed at once: what bounds the memory"),
  tokens_max: whole(all(1024), 2, tokensMax, "Longer rows are left out, and counted"),
  seed: whole(all(0), 0, 0xffff_ffff, "Of the order, the split, new weights and dropout"),
  evaluate_every: whole(all(0), 0, 1e9, "Steps between evaluations; 0: an epoch's"),
  checkpoint_every: whole(all(0), 0, 1e9, "Steps between checkpoints; 0: an epoch's"),
  type: text(
    { instruct: "", classify: "" },
    "type",
    "Of all matrices; by default what trained is F32 and the rest as it was",
    (given) => {
      if (given !== "" && !isFileType(given)) {
        throw wrong("type", "F32, F16, BF16, Q8_0, Q4_0 or Q4_1", given);
      }
    },
  ),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

type ValueOf<S extends Setting> = S["kind"] extends "text"
  ? string
  : S["kind"] extends "switch"
    ? boolean
    : number;

/** Settings of one task: those of others have the value that means nothing. */
export type Settings = { readonly task: Task; readonly model: string } & {
  readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]>;
};

export type GivenSettings = { readonly task: Task; readonly model: string } & {
  readonly [Name in SettingName]?: ValueOf<(typeof settings)[Name]> | undefined;
};

const nothing = { text: "", whole: 0, number: 0, switch: false } as const;

/** Checks what was given and fills in the rest. Throws CromwellError "usage". */
export function completeSettings(given: GivenSettings): Settings {
  const { task, model } = given;
  const whole = wholeSplit(given);
  const values = Object.entries(settings).map(([name, setting]: [string, Setting]) => {
    const value = name === "split" && whole ? allTrained : given[name as SettingName];
    const fallback = setting.defaults[task];
    if (fallback === undefined) {
      if (value !== undefined) throw usage(`${name} is no setting of ${task}`);
      return [name, nothing[setting.kind]];
    }
    if (value !== undefined) checkValue(name, setting, value);
    return [name, value ?? fallback];
  });
  const complete: Settings = { task, model, ...Object.fromEntries(values) };
  if (complete.data === "") throw usage("there is nothing to learn from: name a file with --data");
  if (complete.changed_weight !== 0 && complete.loss === "all") {
    throw usage("changed_weight is for the loss on answers");
  }
  return complete;
}

/** The settings with some of them changed. */
export function changedSettings(settings: Settings, changes: Partial<GivenSettings>): Settings {
  const { task, model } = settings;
  const own = Object.entries(settings).filter(([name]) => hasSetting(task, name as SettingName));
  return completeSettings({ task, model, ...Object.fromEntries(own), ...changes });
}

const allTrained = "100/0/0";

/** Whether what is watched has a file of its own, so that no data are to be split off for it. */
function wholeSplit({ validation = "", split = allTrained }: GivenSettings): boolean {
  if (validation === "") return false;
  if (split === allTrained) return true;
  throw usage("with rows to watch in a file of their own there is nothing to split");
}

/** Whether a task has a setting. */
export function hasSetting(task: Task, name: SettingName): boolean {
  return (settings[name] as Setting | undefined)?.defaults[task] !== undefined;
}

function checkValue(name: string, setting: Setting, value: unknown): void {
  const { kind, minimum = 0, maximum = 0, check } = setting;
  if (kind === "switch" || kind === "text") {
    const wanted = kind === "switch" ? "boolean" : "string";
    if (typeof value !== wanted)
      throw wrong(name, kind === "switch" ? "true or false" : "a text", value);
    if (kind === "text") check?.(value as string);
    return;
  }
  const wanted = misfit({ kind, minimum, maximum }, value);
  if (wanted !== undefined) throw wrong(name, wanted, value);
}

/** "85/5/10" as shares of 1. Throws CromwellError "usage" where they are not 100 together. */
export function parseShares(given: string): { train: number; validation: number; test: number } {
  const parts = /^(\d{1,3})\/(\d{1,3})\/(\d{1,3})$/.exec(given)?.slice(1).map(Number);
  if (parts === undefined || parts[0]! + parts[1]! + parts[2]! !== 100 || parts[0] === 0) {
    throw wrong("split", "three percentages that are 100 together, as 85/5/10", given);
  }
  const [train, validation, test] = parts.map((part) => part / 100) as [number, number, number];
  return { train, validation, test };
}

function oneOf(name: string, choices: readonly string[]) {
  return (given: string) => {
    if (!choices.includes(given)) throw wrong(name, choices.join(", "), given);
  };
}

function wrong(name: string, wanted: string, value: unknown): CromwellError {
  return usage(`${name} must be ${wanted}, not ${shown(value)}`);
}

function usage(message: string): CromwellError {
  return new CromwellError("usage", message);
}
