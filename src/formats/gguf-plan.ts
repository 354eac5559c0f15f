// Plans a GGUF file made of a model in either format: its metadata, and each tensor's type, shape
// and the conversion that its data need.

import type { ConvertedTensor } from "./element-conversion.ts";
import { llama3Frequencies } from "./hugging-face/rope-frequencies.ts";
import { translateTokenizer } from "./hugging-face/tokenizer-import.ts";
import { entry, Metadata, type MetadataEntry } from "./metadata.ts";
import type { ModelFile } from "./model-view.ts";
import { permutedHeads } from "./row-order.ts";
import {
  compareTensorNames,
  type FileType,
  fileTypes,
  isConvertible,
  isFileType,
  targetType,
} from "./target-type.ts";
import { modelError, type TensorInfo } from "./tensor-table.ts";
import { type TensorType, tensorTypes } from "./tensor-type.ts";

export interface GgufPlan {
  readonly metadata: Iterable<readonly [string, MetadataEntry]>;
  readonly tensors: ConvertedTensor[];
}

/** ggml's version of the block formats, in every quantised file. */
const quantizationVersion = 2;

const endKey = "tokenizer.ggml.eos_token_id";

/** What a GGUF file of `model` holds; `type` undefined keeps each matrix's type. */
export function planGguf(model: ModelFile, type: FileType | undefined): GgufPlan {
  return model.format === "gguf" ? requantisation(model, type) : translation(model, type);
}

/** GGUF to GGUF: the same tensors and keys; only types change. Without a type, a plain copy. */
function requantisation(model: ModelFile, type: FileType | undefined): GgufPlan {
  const infos = [...model.tensors.values()];
  if (type === undefined) {
    const same = infos.map((info) => converted(info, info.type));
    return { metadata: model.metadata.entries(), tensors: same };
  }
  const tied = !model.tensors.has("output.weight");
  infos.sort((a, b) => compareTensorNames(a.name, b.name));
  const renewed = ["general.quantization_version", "general.file_type"];
  const metadata: [string, MetadataEntry][] = [...model.metadata.entries()].filter(
    ([key]) => !renewed.includes(key) && !key.startsWith("split."),
  );
  metadata.push(["general.quantization_version", entry.u32(quantizationVersion)]);
  metadata.push(["general.file_type", entry.u32(fileTypes[type])]);
  return { metadata, tensors: infos.map((info) => converted(info, targetType(info, type, tied))) };
}

function converted(info: TensorInfo, type: TensorType): ConvertedTensor {
  const { name, shape } = info;
  return { name, shape, type, source: info, conversion: { type, transposed: false } };
}

/** Safetensors to GGUF: names are translated already; rows and types are not. */
function translation(model: ModelFile, type: FileType | undefined): GgufPlan {
  const tied = !model.tensors.has("output.weight");
  const infos = [...model.tensors.values()];
  infos.sort((a, b) => compareTensorNames(a.name, b.name));
  const tensors = infos.map((info): ConvertedTensor => {
    const { name, shape, transposed } = info;
    const chosen = matrixType(info, type, tied);
    const permuted = permutedHeads(model, info, "gguf");
    return {
      name,
      shape,
      type: chosen,
      source: info,
      conversion: { type: chosen, permuted, transposed },
    };
  });
  const rope = ropeFrequencies(model);
  if (rope !== undefined) tensors.unshift(rope);
  const metadata = new Metadata(model.path, model.metadata.entries());
  setTokenizer(model, metadata);
  metadata.set("general.quantization_version", entry.u32(quantizationVersion));
  metadata.set("general.file_type", entry.u32(fileTypes[type ?? commonType(infos)]));
  const isScaling = (key: string) => rope !== undefined && key.includes(".rope.scaling.");
  return { metadata: [...metadata.entries()].filter(([key]) => !isScaling(key)), tensors };
}

/** What is no matrix is F32 in GGUF, whatever safetensors had. */
function matrixType(info: TensorInfo, type: FileType | undefined, tied: boolean): TensorType {
  if (!isConvertible(info)) return tensorTypes.F32;
  return type === undefined ? info.type : targetType(info, type, tied);
}

/** The type of most matrices. */
function commonType(infos: readonly TensorInfo[]): FileType {
  const matrix = infos.find((info) => isConvertible(info))?.type.name ?? "F32";
  return isFileType(matrix) ? matrix : "F32";
}

function setTokenizer(model: ModelFile, metadata: Metadata): void {
  if (model.tokenizerJson === undefined) return;
  const rows = model.tensors.get("token_embd.weight")?.shape[0];
  if (rows === undefined) throw modelError(model.path, "token_embd.weight is missing");
  translateTokenizer(model.path, metadata, rows, model.tokenizerJson, model.tokenizerConfig);
  const end = model.endTokenIds?.[0];
  if (end !== undefined && end < rows && !metadata.has(endKey))
    metadata.set(endKey, entry.u32(end));
}

/** Llama 3's scaling as the tensor that GGUF has for it, or undefined for other models. */
function ropeFrequencies({ metadata }: ModelFile): ConvertedTensor | undefined {
  const prefix = `${metadata.string("general.architecture")}.rope`;
  if (metadata.string(`${prefix}.scaling.type`, "") !== "llama3") return undefined;
  const scaling = {
    factor: metadata.number(`${prefix}.scaling.factor`),
    lowFrequencyFactor: metadata.number(`${prefix}.scaling.low_freq_factor`),
    highFrequencyFactor: metadata.number(`${prefix}.scaling.high_freq_factor`),
    originalContext: metadata.number(`${prefix}.scaling.original_context_length`),
  };
  const base = metadata.number(`${prefix}.freq_base`);
  const values = llama3Frequencies(scaling, base, metadata.number(`${prefix}.dimension_count`));
  return {
    name: "rope_freqs.weight",
    shape: [values.length],
    type: tensorTypes.F32,
    source: new Uint8Array(values.buffer),
    conversion: { type: tensorTypes.F32, transposed: false },
  };
}
