// Checkpoints: GGUF files with a version and a checksum over everything before it, so that what is
// loaded is bit for bit what was saved, or is refused. They hold a model and what its training goes on with.

import { closeSync, openSync, readSync } from "node:fs";
import { breathe } from "../breathe.ts";
import { CromwellError, systemReason } from "../errors.ts";
import type { WriteOptions } from "./atomic-file.ts";
import {
  checkpointKeyPrefix,
  isCheckpoint,
  partialType,
  trainingTensorPrefix,
  versionKey,
} from "./checkpoint-keys.ts";
import { openGguf } from "./gguf-reader.ts";
import { type GgufContents, writeGguf } from "./gguf-writer.ts";
import { entry, Metadata } from "./metadata.ts";
import { type ModelFile, openModelFile } from "./model-file.ts";
import type { TensorPlan } from "./tensor-plan.ts";
import { modelError } from "./tensor-table.ts";
import { tensorTypes } from "./tensor-type.ts";

export const checkpointVersion = 1;

/** The last tensor's 32 bytes are the SHA-256 of the file up to them; its type means nothing. */
const digestName = "cromwell.checkpoint.sha256";
const digestPlan: TensorPlan = { name: digestName, shape: [8], type: tensorTypes.F32 };

/** Saves a checkpoint at `path`, atomically; `contents` as for writeGguf. */
export async function saveCheckpoint<Plan extends TensorPlan>(
  path: string,
  contents: GgufContents<Plan>,
  options: Omit<WriteOptions, "hash"> = {},
): Promise<void> {
  const hash = new Bun.CryptoHasher("sha256");
  const metadata = [...contents.metadata].filter(([key]) => key !== versionKey);
  metadata.push([versionKey, entry.u32(checkpointVersion)]);
  const tensors = [...contents.tensors, digestPlan];
  const data = (plan: TensorPlan, index: number) =>
    plan === digestPlan ? [new Uint8Array(hash.digest())] : contents.data(plan as Plan, index);
  await writeGguf(path, { metadata, tensors, data }, { ...options, hash });
}

/**
 * Opens a checkpoint. Reads the whole file once to compare its checksum. The checksum's own tensor
 * is not among the tensors returned. Throws CromwellError "model" where it does not hold,
 * "input" where it cannot be read, or is of another version.
 */
export async function openCheckpoint(path: string, signal?: AbortSignal): Promise<ModelFile> {
  const file = openGguf(path);
  if (!isCheckpoint(file)) throw modelError(path, "not a checkpoint of cromwell");
  const version = file.metadata.number(versionKey);
  if (version !== checkpointVersion) {
    // Not "model": it is no damage, and what it holds is worth keeping.
    throw new CromwellError(
      "input",
      `${path}: checkpoint version ${version}; this program reads ${checkpointVersion}`,
    );
  }
  const tensors = new Map(file.tensors);
  const digest = tensors.get(digestName);
  const end = Math.max(...[...tensors.values()].map(({ offset }) => offset));
  if (digest === undefined || digest.byteLength !== 32 || digest.offset !== end) {
    throw modelError(path, "the checkpoint has no checksum at its end");
  }
  if (!(await hashMatches(path, digest.offset, signal))) {
    const what = "the checkpoint is damaged: its checksum does not fit its contents";
    throw new CromwellError("model", `${path}: ${what}`, { hint: "take another one of the run" });
  }
  tensors.delete(digestName);
  return { ...file, tensors };
}

/** The model of a checkpoint, without what is its training's. */
export function modelOf(checkpoint: ModelFile): ModelFile {
  const { path, metadata, tensors } = checkpoint;
  const keys = [...metadata.entries()].filter(([key]) => !key.startsWith(checkpointKeyPrefix));
  const own = [...tensors].filter(([name]) => !name.startsWith(trainingTensorPrefix));
  return { ...checkpoint, metadata: new Metadata(path, keys), tensors: new Map(own) };
}

/**
 * Opens any model file; of a checkpoint the model alone, once its checksum is compared. Throws
 * CromwellError as openCheckpoint() does, and where a checkpoint is of a fine-tuning, without the model.
 */
export async function openModelAlone(path: string, signal?: AbortSignal): Promise<ModelFile> {
  const file = openModelFile(path);
  if (!isCheckpoint(file)) return file;
  const checkpoint = await openCheckpoint(path, signal);
  if (checkpoint.metadata.string("general.type", "") !== partialType) return modelOf(checkpoint);
  throw new CromwellError("model", `${path}: a fine-tuning goes on from it, but it is no model`, {
    hint: "give the adapter or the model that the run wrote at its end",
  });
}

/** Whether the SHA-256 of the first `length` bytes is what the next 32 bytes say. */
async function hashMatches(path: string, length: number, signal?: AbortSignal): Promise<boolean> {
  const hash = new Bun.CryptoHasher("sha256");
  const buffer = new Uint8Array(1 << 20);
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    for (let done = 0; done < length; ) {
      const count = readSync(file, buffer, 0, Math.min(buffer.length, length - done), done);
      if (count === 0) return false;
      hash.update(buffer.subarray(0, count));
      done += count;
      await breathe(signal);
    }
    const stored = buffer.subarray(0, readSync(file, buffer, 0, 32, length));
    return Buffer.compare(hash.digest(), stored) === 0;
  } catch (cause) {
    if (cause instanceof CromwellError) throw cause;
    const why = systemReason(cause);
    throw new CromwellError("input", `cannot read ${path}: ${why}`, { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
