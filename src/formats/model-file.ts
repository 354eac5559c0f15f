// Opens a model, whatever its format, and gives one view of it: GGUF's metadata keys and tensor
// names, and where each tensor's bytes lie. Only headers are read.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { CromwellError, systemReason } from "../errors.ts";
import { embeddedModel } from "./embedded-model.ts";
import { openGguf } from "./gguf-reader.ts";
import { openFolder, openIndex, openWeights } from "./hugging-face/reader.ts";
import type { ModelFile } from "./model-view.ts";

export type { ModelFile } from "./model-view.ts";
export type { TensorInfo } from "./tensor-table.ts";

/**
 * Opens the model at `path`: a .gguf file, a .safetensors file, a .safetensors.index.json, a folder with
 * config.json, or an executable with a model in it. Throws CromwellError "input" where the file cannot be read and "model",
 * naming what is wrong, where its contents cannot be used.
 */
export function openModelFile(path: string): ModelFile {
  if (isFolder(path)) return openFolder(path);
  if (path.endsWith(".index.json")) return openIndex(path);
  if (path.endsWith(".safetensors")) return openWeights(path);
  if (path.endsWith(".gguf") || startsWithGguf(path)) return openGguf(path);
  const embedded = embeddedModel(path);
  if (embedded !== undefined) return openGguf(path, embedded);
  throw new CromwellError("model", `${path}: neither a GGUF file nor safetensors`, {
    hint: "give a .gguf file, a .safetensors file or a folder with config.json",
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw new CromwellError("input", `cannot open ${path}: ${systemReason(cause)}`, { cause });
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
    throw new CromwellError("input", `cannot open ${path}: ${systemReason(cause)}`, { cause });
  }
  return start.toString("latin1") === "GGUF";
}
