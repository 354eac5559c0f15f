// Opens a LoRA adapter: a PEFT folder (adapter_config.json and adapter_model.safetensors), its
// safetensors file alone beside that config, or a GGUF adapter. What PEFT can ask for and cromwell
// does not do is refused by name, as a silent difference would change the model's answers.

import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { CromwellError } from "../errors.ts";
import { openGguf } from "./gguf-reader.ts";
import { type Architecture, families, translateName } from "./hugging-face/families.ts";
import { JsonObject, readJsonFile } from "./json-file.ts";
import type { RowOrder } from "./model-view.ts";
import { readSafetensorsHeader } from "./safetensors-header.ts";
import { safetensorsTensor } from "./safetensors-tensor.ts";
import { modelError, type TensorInfo } from "./tensor-table.ts";

/** A [rank, columns] and B [rows, rank] for the matrix `target` ("blk.0.attn_q"). */
export interface AdapterPair {
  readonly target: string;
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

export interface AdapterFile {
  readonly path: string;
  /** The file that holds the tensors, and its size in bytes. */
  readonly tensorPath: string;
  readonly size: number;
  /** The row order of the model it was made for: matters for llama's q and k. */
  readonly rowOrder: RowOrder;
  readonly pairs: readonly AdapterPair[];
  /** The version of the edit prompt that it was trained on (src/tokenizer/edit-prompt.ts). */
  readonly editPrompt: number | undefined;
  /** undefined where it says none: it is the rank then. */
  readonly alpha: number | undefined;
  /** alpha / rank. */
  scale(rank: number): number;
}

export const rankMax = 1024;

/** Where an adapter says which edit prompt it was trained on: GGUF's key, and safetensors'. */
export const editPromptKey = "cromwell.edit_prompt";

const configName = "adapter_config.json";
const weightsName = "adapter_model.safetensors";

/** Opens the adapter at `path` for a model of `architecture`. */
export function openAdapterFile(path: string, architecture: Architecture): AdapterFile {
  const folder = existsSync(path) && statSync(path).isDirectory();
  if (folder || path.endsWith(".safetensors")) {
    return openPeft(path, folder ? join(path, weightsName) : path, architecture);
  }
  return openGgufAdapter(path, architecture);
}

/** Refuses a pair that does not fit the matrix it adapts, [rows, columns]; undefined: there is none. */
export function checkPair(
  path: string,
  { target, a, b }: AdapterPair,
  shape: readonly [number, number] | undefined,
): void {
  const fail = (what: string) => modelError(path, what);
  if (shape === undefined) throw fail(`adapts ${target}, which this model does not have`);
  const [rows, columns] = shape;
  const rank = a.shape[0]!;
  if (a.shape.length !== 2 || b.shape.length !== 2 || b.shape[1] !== rank || rank > rankMax) {
    throw fail(`the ranks of ${target} differ: A [${a.shape}], B [${b.shape}]`);
  }
  if (a.shape[1] !== columns || b.shape[0] !== rows) {
    const found = `[${b.shape[0]}, ${a.shape[1]}]`;
    throw fail(`${target} is ${found} in the adapter and [${shape}] in the model`);
  }
  for (const { type, shape } of [a, b]) {
    if (shape[1]! % type.blockSize !== 0)
      throw fail(`${target} does not fit blocks of ${type.name}`);
  }
}

function openGgufAdapter(path: string, architecture: Architecture): AdapterFile {
  const file = openGguf(path);
  const { metadata } = file;
  const kind = metadata.string("adapter.type", "");
  if (metadata.string("general.type", "") !== "adapter" || kind !== "lora") {
    throw modelError(path, "not a LoRA adapter (general.type and adapter.type say otherwise)");
  }
  const made = metadata.string("general.architecture");
  if (made !== architecture) {
    throw modelError(path, `an adapter for ${made} models, not for ${architecture}`);
  }
  const halves = new Halves(path);
  for (const tensor of file.tensors.values()) {
    const [, target, half] = /^(.+)\.weight\.lora_([ab])$/.exec(tensor.name) ?? [];
    if (target === undefined) throw modelError(path, `tensor ${tensor.name} is not supported`);
    halves.add(target, half === "a", tensor);
  }
  const given = metadata.number("adapter.lora.alpha", 0);
  const alpha = given === 0 ? undefined : given;
  return {
    path,
    tensorPath: path,
    size: file.files[0]!.size,
    rowOrder: "gguf",
    pairs: halves.pairs(),
    editPrompt: metadata.has(editPromptKey) ? metadata.integer(editPromptKey) : undefined,
    alpha,
    scale: (rank) => (alpha === undefined ? 1 : alpha / rank),
  };
}

function openPeft(path: string, tensorPath: string, architecture: Architecture): AdapterFile {
  const configPath = join(dirname(tensorPath), configName);
  const json = readJsonFile(configPath);
  if (json === undefined) throw noFile(configPath);
  const config = new JsonObject(configPath, json);
  refuseUnsupported(config);
  const rank = config.size("r", undefined, rankMax);
  const alpha = config.positive("lora_alpha", rank);
  const header = readSafetensorsHeader(tensorPath);
  const family = families.find((candidate) => candidate.architecture === architecture)!;
  const halves = new Halves(path);
  for (const [index, entry] of [...header.entries.values()].entries()) {
    const [, module, half] =
      /^base_model\.model\.(.+)\.lora_([AB])(?:\.default)?\.weight$/.exec(entry.name) ?? [];
    const name = module && translateName(family, `${module}.weight`);
    if (name === undefined || typeof name !== "object") {
      throw modelError(tensorPath, `tensor ${entry.name} is not supported`);
    }
    const target = name.name.slice(0, -".weight".length);
    halves.add(target, half === "A", safetensorsTensor(tensorPath, entry, index));
  }
  return {
    path,
    tensorPath,
    size: header.size,
    rowOrder: "huggingface",
    pairs: halves.pairs(),
    editPrompt: version(tensorPath, header.metadata.get(editPromptKey)),
    alpha,
    scale: () => alpha / rank,
  };
}

/** safetensors has texts only. */
function version(path: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw modelError(path, `${editPromptKey} is ${JSON.stringify(text.slice(0, 40))}, no version`);
}

function noFile(path: string): CromwellError {
  return new CromwellError("input", `cannot open ${path}: no such file or directory`, {
    hint: "a LoRA adapter is a GGUF file, or a folder as PEFT writes it",
  });
}

/** Options that ask for nothing when they are empty. */
const listed = [
  "modules_to_save",
  "rank_pattern",
  "alpha_pattern",
  "layer_replication",
  "alora_invocation_tokens",
  "arrow_config",
  "kasa_config",
  "target_parameters",
  "trainable_token_indices",
  "use_bdlora",
];

/** Ways to begin that take the adapter's first value out of the base model's weights. */
const changedBase = /^(pissa|corda|olora|loftq|lora_ga)/i;

/** Fields of adapter_config.json whose value would change the arithmetic. */
function refuseUnsupported(config: JsonObject): void {
  const fail = (what: string) => modelError(config.path, `${what} is not supported`);
  const kind = config.string("peft_type");
  if (kind !== "LORA") throw fail(`peft_type ${JSON.stringify(kind)}`);
  for (const flag of ["use_rslora", "use_dora", "fan_in_fan_out", "lora_bias", "use_qalora"]) {
    if (config.boolean(flag, false)) throw fail(flag);
  }
  const start = config.get("init_lora_weights");
  if (typeof start === "string" && changedBase.test(start)) {
    throw fail(`init_lora_weights ${JSON.stringify(start.slice(0, 60))}`);
  }
  const bias = config.string("bias", "none");
  if (bias !== "none") throw fail(`bias ${JSON.stringify(bias)}`);
  for (const field of listed) {
    const value = config.get(field);
    const empty = typeof value === "object" && Object.keys(value as object).length === 0;
    if (value !== undefined && !empty) throw fail(field);
  }
}

/** Collects A and B of each target. */
class Halves {
  readonly #found = new Map<string, { a?: TensorInfo; b?: TensorInfo }>();

  constructor(readonly path: string) {}

  add(target: string, isA: boolean, tensor: TensorInfo): void {
    const pair = this.#found.get(target) ?? {};
    if (pair[isA ? "a" : "b"]) throw modelError(this.path, `two of ${tensor.name}`);
    this.#found.set(target, { ...pair, [isA ? "a" : "b"]: tensor });
  }

  pairs(): AdapterPair[] {
    if (this.#found.size === 0) throw modelError(this.path, "no LoRA tensors in this file");
    return [...this.#found].map(([target, { a, b }]) => {
      if (a !== undefined && b !== undefined) return { target, a, b };
      throw modelError(this.path, `${target} has only one of A and B`);
    });
  }
}
