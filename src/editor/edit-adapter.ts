// The adapter that teaches the default model to edit (models/edit-adapter), embedded in the
// executable. It fits one model only, and is used where a model is that one.

import adapterPath from "../../models/edit-adapter/edit-adapter.gguf" with { type: "file" };
import type { ChooseAdapters } from "../inference/model.ts";
import type { ModelConfig } from "../model/config.ts";
import { systemPath } from "../native/embedded.ts";

const editAdapterName = "edit-adapter (SmolLM2-135M-Instruct, Python functions)";

/** SmolLM2-135M-Instruct's shape. */
const shape = {
  architecture: "llama",
  layers: 30,
  hidden: 576,
  heads: 9,
  kvHeads: 3,
  headDimension: 64,
  feedForward: 1536,
  vocabulary: 49_152,
} as const satisfies Partial<ModelConfig>;

/** Its special tokens, by id. */
const pieces = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/**
 * The embedded edit adapter where the model is the one that it was trained for: equal architecture,
 * shapes and tokenizer; else none.
 */
export const chooseEditAdapter: ChooseAdapters = ({ config, tokenizer }) => {
  for (const [key, value] of Object.entries(shape)) {
    if (config[key as keyof typeof shape] !== value) return [];
  }
  const same = pieces.every(
    (piece, id) => tokenizer.piece(id) === piece && tokenizer.isSpecial(id),
  );
  if (!same || tokenizer.size !== shape.vocabulary) return [];
  return [{ path: systemPath(adapterPath), name: editAdapterName, scale: 1 }];
};
