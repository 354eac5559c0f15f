// Opens a model, whatever its format, and gives one view of it: GGUF's metadata keys and tensor
// names, and where each tensor's bytes lie. Only headers are read.

import { openGguf } from "./gguf-reader.ts";
import type { Metadata } from "./metadata.ts";
import type { TensorInfo } from "./tensor-table.ts";

export type { TensorInfo } from "./tensor-table.ts";

export interface ModelFile {
  readonly path: string;
  readonly format: "gguf" | "safetensors";
  readonly version: string;
  /** GGUF keys; for safetensors translated from config.json. */
  readonly metadata: Metadata;
  /** By GGUF name; the original name is in `sourceName`. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /**
   * How rows lie: GGUF permutes the rows of llama's q and k; Hugging Face does not, and stores
   * GPT-2's Conv1D weights transposed (`TensorInfo.transposed`).
   */
  readonly rowOrder: "gguf" | "huggingface";
  /** Parsed tokenizer.json, tokenizer_config.json and generation_config.json (safetensors only). */
  readonly tokenizerJson?: unknown;
  readonly tokenizerConfig?: unknown;
  readonly generationConfig?: unknown;
}

/**
 * Opens the model at `path`: a .gguf file, a .safetensors file, a .safetensors.index.json or a
 * folder with config.json. Throws CromwellError "input" where the file cannot be read and "model",
 * naming what is wrong, where its contents cannot be used.
 */
export function openModelFile(path: string): ModelFile {
  return openGguf(path);
}
