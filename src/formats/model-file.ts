// Opens a model, whatever its format, and gives one view of it: GGUF's metadata keys and tensor
// names, and where each tensor's bytes lie. Only headers are read.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { CromwellError } from "../errors.ts";
import { reason } from "./byte-source.ts";
import { openGguf } from "./gguf-reader.ts";
import { openFolder, openIndex, openWeights } from "./hugging-face/reader.ts";
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

/**
 * Opens the model at `path`: a .gguf file, a .safetensors file, a .safetensors.index.json or a
 * folder with config.json. Throws CromwellError "input" where the file cannot be read and "model",
 * naming what is wrong, where its contents cannot be used.
 */
export function openModelFile(path: string): ModelFile {
  if (isFolder(path)) return openFolder(path);
  if (path.endsWith(".index.json")) return openIndex(path);
  if (path.endsWith(".safetensors")) return openWeights(path);
  if (path.endsWith(".gguf") || startsWithGguf(path)) return openGguf(path);
  throw new CromwellError("model", `${path}: neither a GGUF file nor safetensors`, {
    hint: "give a .gguf file, a .safetensors file or a folder with config.json",
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw new CromwellError("input", `cannot open ${path}: ${reason(cause)}`, { cause });
  }
}

/** Whether a file of another name is GGUF all the same: a cache's names say nothing. */
function startsWithGguf(path: string): boolean {
  const start = Buffer.alloc(4);
  try {
    if (!statSync(path).isFile()) throw new Error("not a regular file");
    const file = openSync(path, "r");
    try {
      readSync(file, start, 0, 4, 0);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new CromwellError("input", `cannot open ${path}: ${reason(cause)}`, { cause });
  }
  return start.toString("latin1") === "GGUF";
}
