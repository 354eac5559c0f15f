// Every key of a training's configuration: its kind, its bounds, its default, and what it means. Files,
// flags, presets and the comparison with a checkpoint all go by this table.

import { limits } from "../../model/config.ts";
import { initializations } from "../../model/initialize.ts";
import { scheduleNames } from "../schedule.ts";

export interface NumberField {
  readonly kind: "whole" | "number";
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

export interface TextField {
  readonly kind: "text" | "path";
  readonly default: string;
}

export interface ChoiceField<T extends string = string> {
  readonly kind: "choice";
  readonly choices: readonly T[];
  readonly default: T;
}

export interface TextsField {
  readonly kind: "texts";
  readonly default: readonly string[];
}

export type Field = NumberField | TextField | ChoiceField | TextsField;

const whole = (value: number, minimum: number, maximum: number): NumberField => {
  return { kind: "whole", minimum, maximum, default: value };
};
const number = (value: number, minimum: number, maximum: number): NumberField => {
  return { kind: "number", minimum, maximum, default: value };
};
const choice = <const T extends string>(
  choices: readonly T[],
  value: NoInfer<T>,
): ChoiceField<T> => {
  return { kind: "choice", choices, default: value };
};
const path = { kind: "path", default: "" } as const;
const share = (value: number) => number(value, 0, 1);
const stepsMax = 1e9;

/** Sizes of a new model; 0: chosen from the others, as config.ts says. */
export const modelFields = {
  "model.name": { kind: "text", default: "model" },
  "model.architecture": choice(["llama", "gpt2"], "llama"),
  "model.layers": whole(8, 1, limits.layers),
  "model.hidden": whole(256, 1, limits.hidden),
  "model.heads": whole(4, 1, limits.heads),
  "model.kv_heads": whole(0, 0, limits.kvHeads),
  "model.head_dimension": whole(0, 0, limits.headDimension),
  "model.feed_forward": whole(0, 0, limits.feedForward),
  "model.context_length": whole(0, 0, limits.contextLength),
  "model.rope_base": number(10_000, 1, 1e9),
  "model.norm_epsilon": number(1e-5, 1e-12, 0.1),
  /** How the first weights are drawn. */
  "model.initialization": choice(initializations, "xavier"),
} as const satisfies Record<string, Field>;

export const fields = {
  /** Of the first weights, the order of the data, dropout and rearranging. */
  seed: whole(0, 0, 0xffff_ffff),
  /** A tokenizer.json, for a new model. */
  tokenizer: path,
  /** A model to go on from, which brings its sizes and its tokenizer. */
  "model.path": path,
  ...modelFields,

  "data.path": path,
  /** Share of the documents, or the end of a text, that is evaluated on and never trained on. */
  "data.validation": number(0.02, 0, 0.9),
  "data.sequence_length": whole(512, 8, 1 << 20),
  /** "documents": none sees another; "none": sequences run on through documents' ends. */
  "data.packing": choice(["documents", "none"], "documents"),
  /** Share of the text that is rearranged for filling in; of that, the share with the suffix first. */
  "data.fill_in_the_middle": share(0),
  "data.suffix_first": share(0.5),

  "training.steps": whole(1000, 1, stepsMax),
  /** Sequences of a micro-batch, and micro-batches of a step. */
  "training.batch_size": whole(8, 1, 1 << 16),
  "training.accumulation": whole(1, 1, 1 << 16),
  /** Largest norm of the gradients; 0: any. */
  "training.clip": number(1, 0, 1e9),
  "training.dropout": number(0, 0, 0.99),

  "optimizer.name": choice(["adamw", "muon"], "adamw"),
  "optimizer.learning_rate": number(1e-3, 0, 100),
  "optimizer.beta1": number(0.9, 0, 0.999999),
  "optimizer.beta2": number(0.95, 0, 0.999999),
  "optimizer.epsilon": number(1e-8, 1e-20, 1),
  "optimizer.weight_decay": number(0.1, 0, 10),
  /** Muon's. */
  "optimizer.momentum": number(0.95, 0, 0.999999),

  "schedule.name": choice(scheduleNames, "cosine"),
  "schedule.warmup": whole(100, 0, stepsMax),
  /** The last learning rate's share of the highest. */
  "schedule.minimum": share(0.1),
  /** Share of the steps in which "wsd" decays. */
  "schedule.decay": share(0.2),

  /** Steps between two; 0: at the end alone. */
  "evaluation.every": whole(250, 0, stepsMax),
  "evaluation.sequences": whole(64, 1, 1 << 20),
  "samples.every": whole(250, 0, stepsMax),
  "samples.prompts": { kind: "texts", default: [] },
  "samples.tokens": whole(64, 1, 4096),
  "samples.temperature": number(0.8, 0, 100),
  "checkpoints.every": whole(250, 0, stepsMax),
  /** The last ones that are kept, besides the best. */
  "checkpoints.keep": whole(3, 1, 1_000_000),
} as const satisfies Record<string, Field>;

export type ConfigKey = keyof typeof fields;

type ValueOf<F extends Field> = F extends NumberField
  ? number
  : F extends ChoiceField<infer T>
    ? T
    : F extends TextsField
      ? readonly string[]
      : string;

/** A whole configuration: every key with its value. */
export type TrainingConfig = {
  readonly [Key in ConfigKey]: ValueOf<(typeof fields)[Key]>;
};

/** Some keys with their values, checked. */
export type ConfigPart = Partial<TrainingConfig>;

export function isConfigKey(key: string): key is ConfigKey {
  return Object.hasOwn(fields, key);
}
