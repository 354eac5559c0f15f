// Reads checkpoints back: the newest that is whole, and its values into a network and an optimizer, bit
// for bit.

import { existsSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import { CromwellError, systemReason } from "../../errors.ts";
import { modelOf, openCheckpoint } from "../../formats/checkpoint.ts";
import { trainingTensorPrefix } from "../../formats/checkpoint-keys.ts";
import type { ModelFile } from "../../formats/model-file.ts";
import { TensorReader } from "../../formats/tensor-reader.ts";
import { modelError } from "../../formats/tensor-table.ts";
import { tensorTypes } from "../../formats/tensor-type.ts";
import type { Optimizer } from "../optimizer/optimizer.ts";
import type { Parameters } from "../parameters.ts";
import {
  checkpointName,
  checkpointSteps,
  noteKey,
  optimizerStepsKey,
  progressKey,
} from "./checkpoints.ts";
import { type Progress, parseProgress } from "./progress.ts";

export interface Checkpoint {
  readonly path: string;
  /** All of it. */
  readonly file: ModelFile;
  /** The model alone. */
  readonly model: ModelFile;
  readonly progress: Progress;
  /** A text that was noted; throws CromwellError "model" where there is none. */
  note(name: string): string;
}

/** Opens one checkpoint. Throws CromwellError "model" where it is damaged. */
export async function readCheckpoint(path: string, signal?: AbortSignal): Promise<Checkpoint> {
  const file = await openCheckpoint(path, signal);
  const progress = parseProgress(path, file.metadata.string(progressKey));
  const note = (name: string) => file.metadata.string(noteKey(name));
  return { path, file, model: modelOf(file), progress, note };
}

/**
 * The newest checkpoint in a folder that is whole; what is damaged is passed over for it, which is told,
 * and renamed, so that the run does not write over it. Undefined where there is none at all. Throws
 * CromwellError "model" where there are but none is whole, "input" where one cannot be read: the run
 * would go on from an older one, and in time remove what was only out of reach.
 */
export async function newestCheckpoint(
  folder: string,
  onNotice: (line: string) => void,
  signal?: AbortSignal,
): Promise<Checkpoint | undefined> {
  const paths = (existsSync(folder) ? checkpointSteps(folder) : []).map((step) =>
    join(folder, checkpointName(step)),
  );
  for (const [index, path] of paths.entries()) {
    try {
      const checkpoint = await readCheckpoint(path, signal);
      for (const damaged of paths.slice(0, index)) setAside(damaged);
      return checkpoint;
    } catch (error) {
      const isDamage = error instanceof CromwellError && error.code === "model";
      if (!isDamage) throw error;
      if (index === paths.length - 1) throw noneWhole(folder, error);
      onNotice(`${error.message}; going on from ${basename(paths[index + 1]!)}`);
    }
  }
  return undefined;
}

function noneWhole(folder: string, last: CromwellError): CromwellError {
  return new CromwellError("model", `${last.message}; no whole checkpoint is left in ${folder}`, {
    hint: "bring back a copy of one, or remove that folder: --resume then begins again at the first step",
    cause: last,
  });
}

function setAside(path: string): void {
  try {
    renameSync(path, `${path}.damaged`);
  } catch (cause) {
    throw new CromwellError("input", `cannot rename ${path}: ${systemReason(cause)}`, { cause });
  }
}

/** Puts a checkpoint's values where they were. Throws CromwellError "model" where one does not fit. */
export function restore(
  { path, file }: Checkpoint,
  parameters: Parameters,
  optimizer: Pick<Optimizer, "state" | "steps">,
): void {
  const reader = new TensorReader(file);
  const read = (name: string, values: Float32Array) => {
    const tensor = file.tensors.get(name);
    if (tensor?.type !== tensorTypes.F32 || tensor.byteLength !== values.byteLength) {
      throw modelError(path, `${name} is missing, or not of the size that the run has`);
    }
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    bytes.set(reader.read(tensor));
  };
  try {
    for (const { name, values } of parameters) read(name, values);
    for (const { name, values } of optimizer.state) read(trainingTensorPrefix + name, values);
  } finally {
    reader.close();
  }
  optimizer.steps = file.metadata.integer(optimizerStepsKey);
}
