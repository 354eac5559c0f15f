// What tells a checkpoint of training from other GGUF files, apart from what reads and writes one: whoever
// opens a model asks, and hardly any model is one.

import type { ModelFile } from "./model-view.ts";

/** Keys with this prefix are of the training, not of the model, and so are tensors with theirs. */
export const checkpointKeyPrefix = "cromwell.checkpoint.";
export const trainingTensorPrefix = "training.";

export const versionKey = `${checkpointKeyPrefix}version`;

/** The `general.type` of a fine-tuning's checkpoint: it has only what trains, without the model. */
export const partialType = "finetuning";

/** By its header. */
export function isCheckpoint(file: ModelFile): boolean {
  return file.metadata.has(versionKey);
}
