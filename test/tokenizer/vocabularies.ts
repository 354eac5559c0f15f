// The real vocabularies that tokenizer tests run on, opened once each; undefined (recorded) where missing.

import { openModelFile } from "../../src/formats/model-file.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { defaultModel, testData } from "../data.ts";

export const vocabularyNames = [
  "deepseek-coder",
  "gpt-2",
  "llama-bpe",
  "llama-spm",
  "phi-3",
  "qwen2",
  "starcoder",
] as const;

const opened = new Map<string, Tokenizer | undefined>();

/** Path of a vocabulary, "smollm" being the default model's. */
export function vocabularyPath(name: string): string | undefined {
  return name === "smollm" ? defaultModel() : testData(`tokenizers/ggml-vocab-${name}.gguf`);
}

/** The tokenizer of a vocabulary. */
export function vocabulary(name: string): Tokenizer | undefined {
  if (!opened.has(name)) {
    const path = vocabularyPath(name);
    const open = () => Tokenizer.fromMetadata(openModelFile(path!).metadata);
    opened.set(name, path === undefined ? undefined : open());
  }
  return opened.get(name);
}
