// Opens a Hugging Face model: a folder with config.json and safetensors (sharded or not), an index,
// or a single safetensors file; gives it GGUF's names and metadata keys.

import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CromwellError } from "../../errors.ts";
import { JsonObject, parseJson, readJsonFile, readTextFile } from "../json-file.ts";
import { entry } from "../metadata.ts";
import type { ModelFile } from "../model-view.ts";
import { readSafetensorsHeader, type SafetensorsHeader } from "../safetensors-header.ts";
import { safetensorsTensor } from "../safetensors-tensor.ts";
import { modelError, type TensorInfo } from "../tensor-table.ts";
import { translateConfig } from "./config.ts";
import { type Family, translateName } from "./families.ts";
import { gpt2SpecialTokens, tokenizerOfFiles } from "./vocabulary-files.ts";

const weightsName = "model.safetensors";
const indexName = "model.safetensors.index.json";
const chatTemplateName = "chat_template.jinja";
const specialTokensName = "special_tokens_map.json";
const shardsMax = 4096;

/** The files beside the weights that a model may have, by the field that they become. */
export const companionNames = {
  config: "config.json",
  tokenizerJson: "tokenizer.json",
  tokenizerConfig: "tokenizer_config.json",
  generationConfig: "generation_config.json",
} as const;

type Companion = keyof typeof companionNames;

/** Opens a folder that holds config.json. */
export function openFolder(folder: string): ModelFile {
  const index = join(folder, indexName);
  if (existsSync(join(folder, weightsName))) return openWeights(folder, join(folder, weightsName));
  if (existsSync(index)) return openIndex(index);
  throw new CromwellError(
    "model",
    `${folder}: no ${weightsName} and no ${indexName} in this folder`,
    {
      hint: "give a .gguf file, a .safetensors file or a folder with config.json",
    },
  );
}

/** Opens a single .safetensors file; its config.json is beside it or in its `__metadata__`. */
export function openWeights(path: string, weights: string = path): ModelFile {
  return assemble(path, dirname(weights), [readSafetensorsHeader(weights)]);
}

/** Opens the shards that a model.safetensors.index.json names. */
export function openIndex(path: string): ModelFile {
  const weightMap = readWeightMap(path);
  const shardNames = [...new Set(weightMap.values())].sort();
  if (shardNames.length > shardsMax) throw modelError(path, `${shardNames.length} shards`);
  const folder = dirname(path);
  const shards = shardNames.map((name) => readSafetensorsHeader(join(folder, name)));
  let present = 0;
  for (const [i, shard] of shards.entries()) {
    present += shard.entries.size;
    for (const name of shard.entries.keys()) {
      if (weightMap.get(name) !== shardNames[i]) {
        throw modelError(path, `tensor ${name} lies in ${shardNames[i]}, which the index denies`);
      }
    }
  }
  if (present !== weightMap.size) {
    throw modelError(path, `${weightMap.size} tensors in the index, ${present} in the shards`);
  }
  return assemble(path, folder, shards);
}

/** Tensor name to shard, a plain file name: the index must not lead out of its folder. */
function readWeightMap(path: string): Map<string, string> {
  const map = new JsonObject(path, readJsonFile(path)).object("weight_map");
  if (map === undefined) throw modelError(path, "weight_map is missing");
  const entries = [...map.entries()];
  for (const [name, shard] of entries) {
    const isPlain =
      typeof shard === "string" && /^[^/\\\0]+\.safetensors$/.test(shard) && !shard.startsWith(".");
    if (!isPlain) {
      throw modelError(
        path,
        `tensor ${name} is said to be in ${JSON.stringify(shard)}, not a shard`,
      );
    }
  }
  return new Map(entries as [string, string][]);
}

function assemble(path: string, folder: string, shards: SafetensorsHeader[]): ModelFile {
  const companions = new Companions(folder, shards);
  const config = companions.read("config");
  if (config === undefined) {
    throw new CromwellError("model", `${path}: no config.json beside it`, {
      hint: "download config.json and tokenizer.json into the same folder",
    });
  }
  const { family, metadata, tiesEmbeddings } = translateConfig(companions.path("config"), config);
  metadata.set("general.name", entry.string(basename(resolve(folder))));
  const tensors = translateTensors(shards, family, tiesEmbeddings);
  if (tiesEmbeddings === false && !tensors.has("output.weight")) {
    throw modelError(path, "lm_head.weight is missing, though tie_word_embeddings is false");
  }
  let tokenizerConfig: { value: unknown } | undefined;
  let legacy: { value: unknown } | undefined;
  const fromFiles = () => {
    if (family.architecture !== "gpt2") return undefined;
    legacy ??= { value: tokenizerOfFiles(folder, companions.read("tokenizerConfig")) };
    return legacy.value;
  };
  return {
    path,
    format: "safetensors",
    version: shards[0]?.metadata.get("format") ?? "",
    metadata,
    tensors,
    files: shards.map(({ path, size }) => ({ path, size })),
    rowOrder: "huggingface",
    get configJson() {
      return config;
    },
    get tokenizerJson() {
      return companions.read("tokenizerJson") ?? fromFiles();
    },
    get tokenizerConfig() {
      tokenizerConfig ??= {
        value: completeTokenizerConfig(companions.read("tokenizerConfig"), folder),
      };
      const { value } = tokenizerConfig;
      const isLegacy = companions.read("tokenizerJson") === undefined && fromFiles() !== undefined;
      return isLegacy ? { ...gpt2SpecialTokens, ...(value as object | undefined) } : value;
    },
    get endTokenIds() {
      return endTokenIds(companions);
    },
    get generationConfig() {
      return companions.read("generationConfig");
    },
  };
}

/** The JSON files of a model, parsed when they are first asked for. */
class Companions {
  readonly #parsed = new Map<Companion, unknown>();

  constructor(
    readonly folder: string,
    readonly shards: readonly SafetensorsHeader[],
  ) {}

  /** Where the file comes from, for errors: its own path or that of the weights that embed it. */
  path(companion: Companion): string {
    return this.#embedded(companion)?.path ?? join(this.folder, companionNames[companion]);
  }

  read(companion: Companion): unknown {
    if (!this.#parsed.has(companion)) {
      const embedded = this.#embedded(companion);
      const parsed =
        embedded === undefined
          ? readJsonFile(this.path(companion))
          : parseJson(`${embedded.path} (${companionNames[companion]})`, embedded.text);
      this.#parsed.set(companion, parsed);
    }
    return this.#parsed.get(companion);
  }

  /** A file that stands alone carries its companions in `__metadata__`, under their names. */
  #embedded(companion: Companion): { path: string; text: string } | undefined {
    const [first] = this.shards;
    const text = first?.metadata.get(companionNames[companion]);
    return first === undefined || text === undefined ? undefined : { path: first.path, text };
  }
}

/** Every id that config.json or generation_config.json calls an end, without repetition. */
function endTokenIds(companions: Companions): number[] {
  const ids = (["config", "generationConfig"] as const).flatMap((companion) => {
    const parsed = companions.read(companion);
    if (parsed === undefined) return [];
    return new JsonObject(companions.path(companion), parsed).tokenIds("eos_token_id");
  });
  return [...new Set(ids)];
}

/**
 * tokenizer_config.json with what newer and older models keep in files of their own: the chat
 * template and the special tokens' texts. What the configuration itself says comes first.
 */
function completeTokenizerConfig(config: unknown, folder: string): unknown {
  const template = readTextFile(join(folder, chatTemplateName));
  const special = readJsonFile(join(folder, specialTokensName));
  if (template === undefined && special === undefined) return config;
  const found = template === undefined ? {} : { chat_template: template };
  return { ...(special as object | undefined), ...found, ...(config as object | undefined) };
}

function translateTensors(
  shards: readonly SafetensorsHeader[],
  family: Family,
  tiesEmbeddings: boolean | undefined,
): Map<string, TensorInfo> {
  const tensors = new Map<string, TensorInfo>();
  for (const [file, shard] of shards.entries()) {
    for (const source of shard.entries.values()) {
      const translated = translateName(family, source.name);
      // A tied model may still carry a copy of its embedding under the output's name.
      if (translated === "ignored" || (tiesEmbeddings && source.name === "lm_head.weight"))
        continue;
      if (translated === undefined) {
        throw modelError(
          shard.path,
          `tensor ${source.name} is not one that ${family.modelType} has`,
        );
      }
      if (tensors.has(translated.name)) {
        throw modelError(shard.path, `tensor ${source.name} occurs twice, under two spellings`);
      }
      const info = safetensorsTensor(shard.path, source, tensors.size);
      tensors.set(translated.name, { ...info, ...place(shard.path, info, translated), file });
    }
  }
  return tensors;
}

function place(
  path: string,
  info: TensorInfo,
  { name, transposed }: { name: string; transposed: boolean },
): { name: string; transposed: boolean; shape: readonly number[] } {
  if (!transposed) return { name, transposed, shape: info.shape };
  if (info.shape.length !== 2) {
    throw modelError(path, `tensor ${info.sourceName} is not a matrix`);
  }
  return { name, transposed, shape: [...info.shape].reverse() };
}
