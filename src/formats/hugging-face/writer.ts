// Writes a model as Hugging Face has it: a folder with model.safetensors and its JSON files, or one
// safetensors file that carries those files' texts in its `__metadata__`, under their names.

import { rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CromwellError } from "../../errors.ts";
import { makeFolder, refuseInput, type WriteOptions, writeAtomically } from "../atomic-file.ts";
import type { ConvertedTensor } from "../element-conversion.ts";
import type { ModelFile } from "../model-view.ts";
import { permutedHeads } from "../row-order.ts";
import { writeSafetensors } from "../safetensors-writer.ts";
import type { FileType } from "../target-type.ts";
import type { TensorSource } from "../tensor-plan.ts";
import { TensorReader } from "../tensor-reader.ts";
import { modelError, type TensorInfo } from "../tensor-table.ts";
import { type TensorType, tensorTypes } from "../tensor-type.ts";
import { exportConfig } from "./config-export.ts";
import { type Family, huggingFaceName } from "./families.ts";
import { companionNames } from "./reader.ts";
import { type Llama3Scaling, llama3Scaling } from "./rope-frequencies.ts";
import { exportTokenizer } from "./tokenizer-export.ts";

export interface SafetensorsPlan {
  readonly tensors: ConvertedTensor[];
  /** The JSON files beside the weights: name and text. */
  readonly companions: ReadonlyMap<string, string>;
}

const dtypes: Record<string, string> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/** What a safetensors model made of `model` holds; by default only quantised tensors change, to F32. */
export function planSafetensors(model: ModelFile, type: FileType | undefined): SafetensorsPlan {
  if (type !== undefined) checkType(type);
  const chosen = type === undefined ? undefined : tensorTypes[type];
  return model.format === "safetensors" ? retyping(model, chosen) : translation(model, chosen);
}

/** Throws CromwellError "usage" for a type that safetensors files cannot hold. */
export function checkType(name: string): void {
  if (Object.hasOwn(dtypes, name)) return;
  throw new CromwellError("usage", `safetensors has no type ${name}`, {
    hint: "F32, F16 and BF16 are possible, or write a .gguf file",
  });
}

function floatType(info: TensorInfo, chosen: TensorType | undefined): TensorType {
  return chosen ?? (info.type.blockSize === 1 ? info.type : tensorTypes.F32);
}

/** Safetensors to safetensors: names, order and files stay, the type changes. */
function retyping(model: ModelFile, chosen: TensorType | undefined): SafetensorsPlan {
  const tensors = [...model.tensors.values()].map((info): ConvertedTensor => {
    const type = floatType(info, chosen);
    const shape = info.transposed ? [...info.shape].reverse() : info.shape;
    const source = { ...info, shape, transposed: false };
    return { name: info.sourceName, shape, type, source, conversion: { type, transposed: false } };
  });
  const config = { ...(model.configJson as Record<string, unknown>) };
  const dtype = chosen && dtypes[chosen.name];
  if (dtype !== undefined) config["dtype" in config ? "dtype" : "torch_dtype"] = dtype;
  const files = { config, ...pickCompanions(model) };
  return { tensors, companions: companionTexts(files) };
}

function pickCompanions(model: ModelFile): Record<string, unknown> {
  const { tokenizerJson, tokenizerConfig, generationConfig } = model;
  return { tokenizerJson, tokenizerConfig, generationConfig };
}

/** GGUF to safetensors: names, rows, configuration and tokenizer are translated. */
function translation(model: ModelFile, chosen: TensorType | undefined): SafetensorsPlan {
  const embedding = model.tensors.get("token_embd.weight");
  if (embedding === undefined) throw modelError(model.path, "token_embd.weight is missing");
  const { family, config } = exportConfig(model.metadata, {
    tensors: model.tensors,
    vocabularySize: embedding.shape[0]!,
    dtype: dtypes[floatType(embedding, chosen).name]!,
    llama3: readLlama3(model),
  });
  const tensors: ConvertedTensor[] = [];
  for (const info of model.tensors.values()) {
    if (info.name === "rope_freqs.weight") continue;
    tensors.push(translated(model, family, info, floatType(info, chosen)));
  }
  return { tensors, companions: companionTexts({ config, ...exportTokenizer(model.metadata) }) };
}

function translated(
  model: ModelFile,
  family: Family,
  info: TensorInfo,
  type: TensorType,
): ConvertedTensor {
  const renamed = huggingFaceName(family, info.name);
  if (renamed === undefined) {
    throw modelError(model.path, `tensor ${info.name} has no name in ${family.className}`);
  }
  const { name, transposed } = renamed;
  const shape = transposed ? [...info.shape].reverse() : info.shape;
  const permuted = permutedHeads(model, info, "huggingface");
  return { name, shape, type, source: info, conversion: { type, permuted, transposed } };
}

/** The scaling that rope_freqs.weight stands for, where the model has one. */
function readLlama3(model: ModelFile): Llama3Scaling | undefined {
  const info = model.tensors.get("rope_freqs.weight");
  if (info === undefined) return undefined;
  const reader = new TensorReader(model);
  try {
    const bytes = reader.read(info);
    const base = model.metadata.number("llama.rope.freq_base", 10_000);
    const known = info.type.name === "F32" && llama3Scaling(new Float32Array(bytes.buffer), base);
    if (known) return known;
  } finally {
    reader.close();
  }
  throw modelError(model.path, "rope_freqs.weight is not a scaling that config.json can express");
}

function companionTexts(files: Record<string, unknown>): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [field, name] of Object.entries(companionNames)) {
    if (files[field] !== undefined) texts.set(name, `${JSON.stringify(files[field], null, 1)}\n`);
  }
  return texts;
}

/** Writes everything into one .safetensors file; returns its path. */
export async function writeSingleFile(
  path: string,
  { tensors, companions }: SafetensorsPlan,
  data: TensorSource<ConvertedTensor>,
  options: WriteOptions,
): Promise<string[]> {
  const metadata: [string, string][] = [["format", "pt"], ...companions];
  await writeSafetensors(path, { metadata, tensors, data }, options);
  return [path];
}

/**
 * Writes the folder, which is made where it is missing: the weights first, config.json last, since
 * a folder without it is no model. Returns the files' paths.
 */
export async function writeModelFolder(
  folder: string,
  { tensors, companions }: SafetensorsPlan,
  data: TensorSource<ConvertedTensor>,
  options: WriteOptions,
): Promise<string[]> {
  const isNew = statSync(folder, { throwIfNoEntry: false }) === undefined;
  const weights = join(folder, "model.safetensors");
  const names = [...companions.keys()].reverse();
  for (const name of names) refuseInput(join(folder, name), options.inputs ?? []);
  makeFolder(folder);
  try {
    await writeSafetensors(weights, { metadata: [["format", "pt"]], tensors, data }, options);
    for (const name of names) {
      const text = new TextEncoder().encode(companions.get(name));
      await writeAtomically(join(folder, name), options, (file) => file.write(text));
    }
  } catch (cause) {
    if (isNew) removeIfEmpty(folder);
    throw cause;
  }
  return [weights, ...names.map((name) => join(folder, name))];
}

/** A folder that was made for nothing goes again; one that holds something stays. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    return;
  }
}
