// What a model file gives whoever runs, converts or shows it, the same for every format. Apart from
// model-file.ts, which opens them, so that the readers of the formats need not import their caller.

import type { EmbeddedModel } from "./embedded-model.ts";
import type { Metadata } from "./metadata.ts";
import type { TensorInfo } from "./tensor-table.ts";

/** How the rows of llama's q and k lie: GGUF permutes them within each head. */
export type RowOrder = "gguf" | "huggingface";

export interface ModelFile {
  readonly path: string;
  readonly format: "gguf" | "safetensors";
  readonly version: string;
  /** GGUF keys; for safetensors translated from config.json. */
  readonly metadata: Metadata;
  /** By GGUF name; the original name is in `sourceName`. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** Where in its file the model lies, if that is an executable. */
  readonly embedded?: EmbeddedModel | undefined;
  /** Hugging Face also stores GPT-2's Conv1D weights transposed (`TensorInfo.transposed`). */
  readonly rowOrder: RowOrder;
  /**
   * Parsed config.json, tokenizer.json, tokenizer_config.json and generation_config.json
   * (safetensors only, undefined where there is none), read when they are first asked for.
   */
  readonly configJson?: unknown;
  readonly tokenizerJson?: unknown;
  readonly tokenizerConfig?: unknown;
  readonly generationConfig?: unknown;
  /** Ids that config.json and generation_config.json call an end of text or turn (safetensors only). */
  readonly endTokenIds?: readonly number[];
}

/** Bytes that the model takes in its files. */
export function sizeOfModel({ files, embedded }: Pick<ModelFile, "files" | "embedded">): number {
  return embedded?.model.size ?? files.reduce((sum, { size }) => sum + size, 0);
}
