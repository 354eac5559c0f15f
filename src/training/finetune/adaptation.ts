// How a model is changed: by LoRA adapters beside its weights, or in some of the weights themselves; and
// what is written when it is done, an adapter in both its formats or a model.

import { join } from "node:path";
import { editPromptKey } from "../../formats/adapter-file.ts";
import {
  type AdapterContents,
  writeGgufAdapter,
  writePeftAdapter,
} from "../../formats/adapter-writer.ts";
import { partialType } from "../../formats/checkpoint-keys.ts";
import { entry, type MetadataEntry } from "../../formats/metadata.ts";
import type { ModelFile } from "../../formats/model-file.ts";
import { type FileType, isFileType } from "../../formats/target-type.ts";
import { elementCount, modelError } from "../../formats/tensor-table.ts";
import { readConfig } from "../../model/config.ts";
import { totalMemory } from "../../native/processors.ts";
import { hasNativeBf16 } from "../../native/training-kernels.ts";
import { Network, type NetworkOptions } from "../network.ts";
import type { Settings } from "./settings.ts";
import type { TaskInput } from "./task.ts";
import { writeTrainedModel } from "./trained-model.ts";
import { parseTargets, parseTrains, trainedNames } from "./trained-names.ts";

/** Of a weight in bf16, which is packed for the forward and for the backward pass. */
const bytesOfCopies = 4;

/** Adapters where the task has a rank, else the weights that `train` names. */
export async function openNetwork({
  base,
  settings,
  signal,
  onNotice = () => {},
}: Pick<TaskInput, "base" | "settings"> & Partial<TaskInput>): Promise<Network> {
  const { rank, alpha, targets, train, seed, dropout } = settings;
  if (rank > 0) {
    if (readConfig(base).architecture === "gpt2") {
      throw modelError(base.path, "adapters for gpt2 models are not supported");
    }
    const lowRank = { rank, alpha, targets: parseTargets(targets), seed, dropout };
    const basePrecision = basePrecisionOf(base, settings);
    if (settings.base_precision === "bf16" && !hasNativeBf16()) {
      onNotice("this CPU has no instructions for bf16: the base takes as long as in f32");
    }
    return opened(base, { lowRank, basePrecision }, signal);
  }
  const output = base.tensors.has("output.weight") ? "output.weight" : "token_embd.weight";
  const trains = trainedNames(parseTrains(train), readConfig(base), output);
  return opened(base, { trains }, signal);
}

/**
 * The settings with what they leave to the machine decided: a run keeps it, wherever it goes on. In bf16 if
 * that is faster here and its copies of the weights are no burden.
 */
export function decidedSettings(base: ModelFile, settings: Settings): Settings {
  if (settings.base_precision !== "auto") return settings;
  return { ...settings, base_precision: basePrecisionOf(base, settings) };
}

function basePrecisionOf(base: ModelFile, { base_precision: wanted }: Settings): "f32" | "bf16" {
  if (wanted !== "auto") return wanted === "bf16" ? "bf16" : "f32";
  const weights = [...base.tensors.values()].reduce(
    (sum, tensor) => sum + elementCount(tensor.shape),
    0,
  );
  return hasNativeBf16() && weights * bytesOfCopies <= totalMemory() / 4 ? "bf16" : "f32";
}

async function opened(
  base: ModelFile,
  options: NetworkOptions,
  signal: AbortSignal | undefined,
): Promise<Network> {
  const network = await Network.load(base, options, signal);
  if (network.parameters.count > 0) return network;
  void network.close();
  throw modelError(base.path, "the model has none of the weights that are to train");
}

/** Keys of a checkpoint of these parameters alone, and of an adapter that knows an edit prompt. */
export function partialMetadata(base: ModelFile, editPrompt?: number): [string, MetadataEntry][] {
  const architecture = base.metadata.string("general.architecture");
  return [
    ["general.architecture", entry.string(architecture)],
    ["general.type", entry.string(partialType)],
    ...(editPrompt === undefined ? [] : [promptEntry(editPrompt)]),
  ];
}

function promptEntry(version: number): [string, MetadataEntry] {
  return [editPromptKey, entry.u32(version)];
}

/** What was learnt, and from what. */
export interface Adaptation {
  readonly network: Network;
  readonly base: ModelFile;
  readonly settings: Settings;
  /** The version of the edit prompt that it was learnt with, where it was. */
  readonly editPrompt?: number | undefined;
}

/** Writes adapter.gguf and adapter/, or model.gguf; returns the paths. */
export async function saveAdaptation(
  folder: string,
  { network, base, settings, editPrompt }: Adaptation,
  signal?: AbortSignal,
): Promise<string[]> {
  if (settings.rank === 0) return saveModel(folder, network, base, settings, { signal });
  const contents = { ...adapterContents(network, settings), editPrompt };
  const paths = [join(folder, "adapter.gguf"), join(folder, "adapter")];
  await writeGgufAdapter(paths[0]!, contents, { signal });
  await writePeftAdapter(paths[1]!, contents, { signal });
  return paths;
}

export async function saveModel(
  folder: string,
  network: Network,
  base: ModelFile,
  settings: Settings,
  options: {
    metadata?: readonly (readonly [string, MetadataEntry])[];
    signal?: AbortSignal | undefined;
  },
): Promise<string[]> {
  const path = join(folder, "model.gguf");
  const { metadata = [], signal } = options;
  const type: FileType | undefined = isFileType(settings.type) ? settings.type : undefined;
  await writeTrainedModel(path, { base, trained: network.parameters, metadata }, { type, signal });
  return [path];
}

/** The network's adapters; it holds B's rows in GGUF's order, whatever the model's file has. */
function adapterContents(network: Network, { rank, alpha }: Settings): AdapterContents {
  const { architecture, layers, headDimension } = network.config;
  const ending = ".weight.lora_a";
  const pairs = [...network.parameters].flatMap(({ name, values: a }) => {
    if (!name.endsWith(ending)) return [];
    const target = name.slice(0, -ending.length);
    return [{ target, a, b: network.parameters.get(`${target}.weight.lora_b`)!.values }];
  });
  return { architecture, layers, headDimension, rowOrder: "gguf", rank, alpha, pairs };
}
