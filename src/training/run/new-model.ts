// The model that a run begins with: a new one of the configured sizes, drawn from the seed, with the
// tokenizer's keys; or the one that is gone on from.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { openModelAlone } from "../../formats/checkpoint.ts";
import { Metadata } from "../../formats/metadata.ts";
import { type ModelFile, openModelFile } from "../../formats/model-file.ts";
import { tensorTypes } from "../../formats/tensor-type.ts";
import { initialize } from "../../model/initialize.ts";
import { Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { TrainingConfig } from "../config/fields.ts";
import { readVocabulary } from "../vocabulary.ts";
import type { RunFolder } from "./run-folder.ts";

/** Hands the first model to `use`; a new one is on the disk, in `folder`, for that long. */
export async function withFirstModel<T>(
  config: TrainingConfig,
  folder: RunFolder,
  use: (file: ModelFile) => Promise<T> | T,
  signal?: AbortSignal,
): Promise<T> {
  const given = config["model.path"];
  if (given !== "") return use(await openModelAlone(given, signal));
  const place = folder.temporary();
  try {
    const path = join(place, "model.gguf");
    await writeNewModel(config, path, signal);
    return await use(openModelFile(path));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function writeNewModel(
  config: TrainingConfig,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const keys = await readVocabulary(config.tokenizer, signal);
  const shape = {
    architecture: config["model.architecture"],
    name: config["model.name"],
    hidden: config["model.hidden"],
    layers: config["model.layers"],
    heads: config["model.heads"],
    kvHeads: config["model.kv_heads"],
    headDimension: config["model.head_dimension"],
    feedForward: config["model.feed_forward"],
    vocabulary: Tokenizer.fromMetadata(new Metadata(config.tokenizer, keys)).size,
    contextLength: config["model.context_length"],
    ropeBase: config["model.rope_base"],
    normEpsilon: config["model.norm_epsilon"],
  };
  await initialize(shape, path, {
    seed: config.seed,
    initialization: config["model.initialization"],
    type: tensorTypes.F32,
    tokenizer: keys,
    signal,
  });
}
