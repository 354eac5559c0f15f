// A run that takes a second: a corpus of the repository's own code, a small vocabulary, a model of two
// narrow layers; and all bits that its training has come to.

import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../../src/formats/checkpoint.ts";
import { TensorReader } from "../../../src/formats/tensor-reader.ts";
import type { ConfigPart } from "../../../src/training/config/fields.ts";
import type { TrainingControl, TrainingEvent } from "../../../src/training/events.ts";
import { openTraining, type TrainingOptions } from "../../../src/training/run/training-run.ts";
import { trainTokenizer } from "../../../src/training/tokenizer/train-tokenizer.ts";

const source = join(import.meta.dir, "../../../src/patch");

/** Makes a corpus and a tokenizer in a folder. */
export async function tinyCorpus(folder: string): Promise<{ corpus: string; tokenizer: string }> {
  const corpus = join(folder, "corpus");
  mkdirSync(corpus);
  for (const name of readdirSync(source)) cpSync(join(source, name), join(corpus, name));
  const tokenizer = join(folder, "tokenizer.json");
  await trainTokenizer({ corpus, vocabularySize: 400, output: tokenizer });
  return { corpus, tokenizer };
}

/** What makes a run tiny; further keys are the test's. */
export const tinyConfig: ConfigPart = {
  "model.layers": 2,
  "model.hidden": 32,
  "model.heads": 2,
  "model.kv_heads": 1,
  "model.feed_forward": 64,
  "data.sequence_length": 32,
  "data.validation": 0.2,
  "data.fill_in_the_middle": 0.3,
  "training.steps": 12,
  "training.batch_size": 3,
  "training.accumulation": 2,
  "training.dropout": 0.1,
  "optimizer.learning_rate": 1e-2,
  "schedule.warmup": 3,
  "evaluation.every": 4,
  "evaluation.sequences": 4,
  "samples.every": 0,
  "samples.tokens": 4,
  "checkpoints.every": 5,
};

export interface TinyOptions extends Omit<TrainingOptions, "config"> {
  readonly config?: ConfigPart;
  /** Hears each event, and may control the run. */
  readonly onEvent?: (event: TrainingEvent, control: TrainingControl) => void;
}

/** Opens a run, trains until it ends, and returns what it told. */
export async function train(options: TinyOptions) {
  const { config = {}, onEvent, ...rest } = options;
  const run = await openTraining({ ...rest, config: [config] });
  const events: TrainingEvent[] = [];
  run.trainer.on((event) => {
    events.push(event);
    onEvent?.(event, run.trainer);
  });
  try {
    const result = await run.trainer.run(options.signal);
    return { ...result, events, resumedAt: run.resumedAt, checkpoint: run.checkpoint()! };
  } finally {
    await run.close();
  }
}

/** A digest of every tensor of a checkpoint: weights and what the optimizer remembers. */
export async function bitsOf(checkpoint: string): Promise<Record<string, string>> {
  const file = await openCheckpoint(checkpoint);
  const reader = new TensorReader(file);
  const bits = [...file.tensors].map(([name, tensor]) => {
    return [name, Bun.hash(reader.read(tensor)).toString(16)];
  });
  reader.close();
  return Object.fromEntries(bits);
}
