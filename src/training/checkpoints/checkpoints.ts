// A run's checkpoints: the model with the optimizer's state and how far the run has come, one file each.
// The last ones and the best are kept; the others are removed once a newer one is whole.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CromwellError, systemReason } from "../../errors.ts";
import { makeFolder } from "../../formats/atomic-file.ts";
import { saveCheckpoint } from "../../formats/checkpoint.ts";
import { checkpointKeyPrefix, trainingTensorPrefix } from "../../formats/checkpoint-keys.ts";
import { entry, type MetadataEntry } from "../../formats/metadata.ts";
import { tensorTypes } from "../../formats/tensor-type.ts";
import { diverged } from "../divergence.ts";
import type { FrozenTensor, ModelBase } from "../model-base.ts";
import type { Optimizer } from "../optimizer/optimizer.ts";
import type { Parameters } from "../parameters.ts";
import type { CheckpointStore } from "../trainer-options.ts";
import type { Progress } from "./progress.ts";

export interface CheckpointsOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** The last ones that are kept, besides the best. */
  readonly keep: number;
  /** The model's keys, and those of its tensors that do not train. */
  readonly base: ModelBase;
  readonly parameters: Parameters;
  readonly optimizer: Pick<Optimizer, "state" | "steps">;
  /** Further texts that whoever resumes compares: the configuration, the digest of the data. */
  readonly notes: Readonly<Record<string, string>>;
}

/** Bytes that are checked and written at a time. */
const chunkBytes = 1 << 20;

export const progressKey = `${checkpointKeyPrefix}progress`;
export const optimizerStepsKey = `${checkpointKeyPrefix}optimizer_steps`;
export const noteKey = (name: string): string => `${checkpointKeyPrefix}note.${name}`;

export class Checkpoints implements CheckpointStore {
  readonly #options: CheckpointsOptions;
  #last: string | undefined;

  /** @param last the one that the run goes on from */
  constructor(options: CheckpointsOptions, last?: string) {
    this.#options = options;
    this.#last = last;
    makeFolder(options.folder);
    this.#removeUnfinished();
  }

  get last(): string | undefined {
    return this.#last;
  }

  /**
   * Throws CromwellError "model" where a value is not finite: such a checkpoint would be worth nothing;
   * "input" where it cannot be written. The one before stays in both cases.
   */
  async save(progress: Progress): Promise<string> {
    const { folder, base, parameters, optimizer, notes } = this.#options;
    const path = join(folder, checkpointName(progress.step));
    const tensors: Stored[] = [
      ...[...parameters].map(({ name, shape, values }) => stored(name, shape, values)),
      ...base.frozen.map((tensor) => ({ ...tensor, check: undefined })),
      ...optimizer.state.map(({ name, shape, values }) =>
        stored(trainingTensorPrefix + name, shape, values),
      ),
    ];
    const own: [string, MetadataEntry][] = [
      [progressKey, entry.string(JSON.stringify(progress))],
      [optimizerStepsKey, entry.u32(optimizer.steps)],
      ...Object.entries(notes).map(([name, text]): [string, MetadataEntry] => {
        return [noteKey(name), entry.string(text)];
      }),
    ];
    const data = (tensor: Stored) => chunksOf(tensor, progress.step, this.#last);
    await saveCheckpoint(path, { metadata: [...base.metadata, ...own], tensors, data });
    this.#last = path;
    this.#prune(progress);
    return path;
  }

  /** Keeps the newest and the best; later ones than this belong to a course that was left. */
  #prune({ step, best }: Progress): void {
    const { folder, keep } = this.#options;
    const steps = checkpointSteps(folder);
    const newest = steps.filter((other) => other <= step).slice(0, keep);
    for (const other of steps) {
      if (!newest.includes(other) && other !== best?.step) remove(folder, checkpointName(other));
    }
  }

  /** What a killed process left of a file that it was writing. */
  #removeUnfinished(): void {
    const { folder } = this.#options;
    for (const name of list(folder)) {
      if (/^\.step-\d+\.gguf\..*\.tmp$/.test(name)) remove(folder, name);
    }
  }
}

interface Stored extends FrozenTensor {
  /** The bytes as numbers, where these must be finite. */
  readonly check: Float32Array | undefined;
}

function stored(name: string, shape: readonly number[], values: Float32Array): Stored {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, shape, type: tensorTypes.F32, bytes, check: values };
}

function* chunksOf(
  { name, bytes, check }: Stored,
  step: number,
  last: string | undefined,
): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const end = Math.min(at + chunkBytes, bytes.length);
    if (check !== undefined && !allFinite(check.subarray(at / 4, end / 4))) {
      throw diverged(step, `${name} is not finite any more`, last);
    }
    yield bytes.subarray(at, end);
  }
}

function allFinite(values: Float32Array): boolean {
  // Nothing but NaN and infinity times zero is not zero: faster than asking each.
  let sum = 0;
  for (const value of values) sum += value * 0;
  return sum === 0;
}

export function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, "0")}.gguf`;
}

/** Steps that the folder has a checkpoint of, the newest first. */
export function checkpointSteps(folder: string): number[] {
  const steps = list(folder).flatMap((name) => {
    const step = /^step-(\d{8,10})\.gguf$/.exec(name)?.[1];
    return step === undefined ? [] : [Number(step)];
  });
  return steps.sort((a, b) => b - a);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new CromwellError("input", `cannot read ${folder}: ${systemReason(cause)}`, { cause });
  }
}

function remove(folder: string, name: string): void {
  const path = join(folder, name);
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    throw new CromwellError("input", `cannot remove ${path}: ${systemReason(cause)}`, { cause });
  }
}
