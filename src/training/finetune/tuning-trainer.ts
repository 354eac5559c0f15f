// The trainer of a fine-tuning: what its settings and its task come to as steps, rates and checkpoints.
// Apart from finetune.ts, which says in what order all is done.

import { join } from "node:path";
import { Checkpoints } from "../checkpoints/checkpoints.ts";
import type { Checkpoint } from "../checkpoints/restore.ts";
import type { Optimizer } from "../optimizer/optimizer.ts";
import { Trainer } from "../trainer.ts";
import type { RunLock } from "../watch/run-lock.ts";
import { settingsText } from "./config-file.ts";
import { ratesOf, stepsOf } from "./rates.ts";
import type { Settings } from "./settings.ts";
import type { FinetuningTask, Judgement } from "./task.ts";

export interface Run {
  readonly settings: Settings;
  /** Those that its steps are made with: others where it is ended at once, of more steps. */
  readonly recorded: Settings;
  readonly lock: RunLock;
  /** The base's digest. */
  readonly base: string;
  readonly task: FinetuningTask;
  readonly optimizer: Optimizer;
  readonly before: Judgement | null;
  readonly checkpoint: Checkpoint | undefined;
}

/** Checkpoints that are kept, besides the best. */
const keep = 2;

export function trainerOf(run: Run): Trainer {
  const { settings, recorded, lock, base, task, optimizer, before, checkpoint } = run;
  const { network, source, validate, metadata, digest } = task;
  const epoch = source.steps(1);
  const checkpoints = new Checkpoints(
    {
      folder: join(lock.folder, "checkpoints"),
      keep,
      base: { metadata, frozen: [] },
      parameters: network.parameters,
      optimizer,
      notes: {
        config: settingsText(recorded),
        base,
        data: digest,
        before: JSON.stringify(before),
      },
    },
    checkpoint?.path,
  );
  return new Trainer({
    network,
    optimizer,
    source,
    steps: stepsOf(settings, source),
    schedule: ratesOf(settings, source),
    clip: 1,
    checkpoints,
    every: {
      evaluate: settings.evaluate_every || epoch,
      checkpoint: settings.checkpoint_every || epoch,
    },
    ...(validate && { evaluate: validate }),
    // Adapters drop their own inputs, and what is frozen stays whole.
    dropout: settings.rank > 0 ? 0 : settings.dropout,
    seed: settings.seed,
    ...(checkpoint && { from: checkpoint.progress }),
  });
}
