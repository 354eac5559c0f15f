// Adapters that teach a model to edit. One of them (models/edit-adapter) is embedded in the executable; it
// fits one model only, and is used where a model is that one.

import adapterPath from "../../models/edit-adapter/edit-adapter.gguf" with { type: "file" };
import { CromwellError } from "../errors.ts";
import type { ChooseAdapters } from "../inference/model.ts";
import type { Adapter } from "../model/adapter.ts";
import type { ModelConfig } from "../model/config.ts";
import { systemPath } from "../native/embedded.ts";
import { adapterPromptVersion } from "../tokenizer/edit-prompt.ts";

const editAdapterName = "edit-adapter (SmolLM2-135M-Instruct)";

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

/**
 * Whether an adapter says that it was trained on the adapter prompt. Throws CromwellError "model" where
 * that was another version of it: it would edit badly, and nobody could tell why.
 */
export function isEditAdapter({ name, editPrompt }: Pick<Adapter, "name" | "editPrompt">): boolean {
  if (editPrompt === undefined || editPrompt === adapterPromptVersion) {
    return editPrompt !== undefined;
  }
  const versions = `version ${editPrompt} of the edit prompt, not on ${adapterPromptVersion}`;
  throw new CromwellError("model", `${name}: trained on ${versions}, which is what it is shown`, {
    hint: "use the cromwell that it was made for, or train it again",
  });
}
