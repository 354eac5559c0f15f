// Translates config.json to GGUF metadata keys for the families that cromwell runs. What a field
// asks for and cromwell does not do is refused by the field's name: a silent difference is worse.

import { JsonObject } from "../json-file.ts";
import { entry, Metadata } from "../metadata.ts";
import { modelError } from "../tensor-table.ts";
import { type Family, families } from "./families.ts";

const layersMax = 10_000;

const activations: Record<string, readonly string[]> = {
  llama: ["silu", "swish"],
  qwen2: ["silu", "swish"],
  qwen3: ["silu", "swish"],
  gpt2: ["gelu_new", "gelu_pytorch_tanh"],
  starcoder2: ["gelu_pytorch_tanh", "gelu_new"],
};

export interface ModelConfiguration {
  readonly family: Family;
  readonly metadata: Metadata;
  /** As config.json says; undefined where it does not. */
  readonly tiesEmbeddings: boolean | undefined;
}

/** The family and GGUF metadata of a parsed config.json; `path` names it in errors. */
export function translateConfig(path: string, parsed: unknown): ModelConfiguration {
  const config = new JsonObject(path, parsed);
  const family = findFamily(config);
  if (config.get("quantization_config") !== undefined) {
    throw modelError(path, "quantization_config: quantised safetensors are not supported");
  }
  const metadata = new Metadata(path);
  const set = new KeyWriter(metadata, family.architecture);
  metadata.set("general.architecture", entry.string(family.architecture));
  metadata.set("general.type", entry.string("model"));
  if (family.architecture === "gpt2") translateGpt2(config, set);
  else translateRotary(config, set, family);
  const tied = config.get("tie_word_embeddings");
  return { family, metadata, tiesEmbeddings: typeof tied === "boolean" ? tied : undefined };
}

function findFamily(config: JsonObject): Family {
  const modelType = config.string("model_type");
  const family = families.find((candidate) => candidate.modelType === modelType);
  if (family !== undefined) return family;
  const known = families.map((candidate) => candidate.modelType).join(", ");
  throw modelError(config.path, `model_type ${JSON.stringify(modelType)} is not one of ${known}`);
}

/** Writes keys under the architecture's prefix. */
class KeyWriter {
  constructor(
    readonly metadata: Metadata,
    readonly architecture: string,
  ) {}
  u32(key: string, value: number): void {
    this.metadata.set(`${this.architecture}.${key}`, entry.u32(value));
  }
  f32(key: string, value: number): void {
    this.metadata.set(`${this.architecture}.${key}`, entry.f32(value));
  }
  string(key: string, value: string): void {
    this.metadata.set(`${this.architecture}.${key}`, entry.string(value));
  }
}

function translateGpt2(config: JsonObject, set: KeyWriter): void {
  const width = config.size("n_embd");
  set.u32("block_count", config.size("n_layer", undefined, layersMax));
  set.u32("context_length", config.size("n_positions", config.get("n_ctx") as number | undefined));
  set.u32("embedding_length", width);
  set.u32("feed_forward_length", config.size("n_inner", 4 * width));
  const heads = config.size("n_head");
  if (width % heads !== 0)
    throw modelError(config.path, `n_head ${heads} does not divide ${width}`);
  set.u32("attention.head_count", heads);
  set.f32("attention.layer_norm_epsilon", config.positive("layer_norm_epsilon", 1e-5));
  set.u32("vocab_size", config.size("vocab_size"));
  checkActivation(config, config.string("activation_function", "gelu_new"), "gpt2");
  for (const field of ["scale_attn_by_inverse_layer_idx", "add_cross_attention"]) {
    if (config.boolean(field, false)) throw unsupported(config, field, true);
  }
  if (!config.boolean("scale_attn_weights", true)) {
    throw unsupported(config, "scale_attn_weights", false);
  }
}

function translateRotary(config: JsonObject, set: KeyWriter, family: Family): void {
  const layers = config.size("num_hidden_layers", undefined, layersMax);
  const width = config.size("hidden_size");
  const heads = config.size("num_attention_heads");
  const keyHeads = config.size("num_key_value_heads", heads);
  if (heads % keyHeads !== 0) {
    throw modelError(config.path, `${heads} heads are no multiple of ${keyHeads} key-value heads`);
  }
  const explicit = config.get("head_dim") !== undefined;
  if (!explicit && width % heads !== 0) {
    throw modelError(config.path, `num_attention_heads ${heads} does not divide ${width}`);
  }
  const headSize = explicit ? config.size("head_dim", undefined, 65_536) : width / heads;
  set.u32("block_count", layers);
  set.u32("context_length", config.size("max_position_embeddings"));
  set.u32("embedding_length", width);
  set.u32("feed_forward_length", config.size("intermediate_size"));
  set.u32("attention.head_count", heads);
  set.u32("attention.head_count_kv", keyHeads);
  set.u32("attention.key_length", headSize);
  set.u32("attention.value_length", headSize);
  if (family.architecture === "starcoder2") {
    set.f32("attention.layer_norm_epsilon", config.positive("norm_epsilon", 1e-5));
    if (config.string("norm_type", "layer_norm") !== "layer_norm") {
      throw unsupported(config, "norm_type", config.get("norm_type"));
    }
  } else {
    set.f32("attention.layer_norm_rms_epsilon", config.positive("rms_norm_eps", 1e-6));
  }
  translateRope(config, set, headSize);
  translateWindow(config, set, family, layers);
  set.u32("vocab_size", config.size("vocab_size"));
  checkActivation(config, config.string("hidden_act", "silu"), family.architecture);
}

/** `rope_theta` and `rope_scaling`, or both in `rope_parameters` (transformers 5). */
function translateRope(config: JsonObject, set: KeyWriter, headSize: number): void {
  const recent = config.object("rope_parameters");
  const scaling = recent ?? config.object("rope_scaling");
  const positive = (field: string, fallback: number) =>
    recent?.get(field) === undefined
      ? config.positive(field, fallback)
      : recent.positive(field, fallback);
  set.f32("rope.freq_base", positive("rope_theta", 10_000));
  const partial = positive("partial_rotary_factor", 1);
  if (partial > 1) throw unsupported(config, "partial_rotary_factor", partial);
  set.u32("rope.dimension_count", Math.floor(headSize * partial));
  if (scaling === undefined) return;
  const type = scaling.string("rope_type", scaling.string("type", "default"));
  if (type === "default") return;
  if (type !== "linear" && type !== "llama3" && type !== "yarn") {
    throw unsupported(config, `${scaling.name} type`, type);
  }
  set.string("rope.scaling.type", type);
  set.f32("rope.scaling.factor", scaling.positive("factor"));
  if (type === "linear") return;
  const fallback = config.size("max_position_embeddings");
  const original = scaling.size(
    "original_max_position_embeddings",
    type === "yarn" ? config.size("original_max_position_embeddings", fallback) : undefined,
  );
  set.u32("rope.scaling.original_context_length", original);
  if (type === "llama3") {
    const low = scaling.positive("low_freq_factor");
    const high = scaling.positive("high_freq_factor");
    if (high <= low) throw modelError(config.path, "high_freq_factor is not above low_freq_factor");
    set.f32("rope.scaling.low_freq_factor", low);
    set.f32("rope.scaling.high_freq_factor", high);
  } else {
    translateYarn(scaling, set);
  }
}

/** YaRN's optional parameters, under the keys that llama.cpp gives them. */
function translateYarn(scaling: JsonObject, set: KeyWriter): void {
  const keys: [string, string][] = [
    ["attention_factor", "rope.scaling.yarn_attn_factor"],
    ["beta_fast", "rope.scaling.yarn_beta_fast"],
    ["beta_slow", "rope.scaling.yarn_beta_slow"],
  ];
  for (const [field, key] of keys) {
    if (scaling.get(field) !== undefined) set.f32(key, scaling.positive(field));
  }
}

/** A window that every layer has; Qwen can give it to some layers only, which is refused. */
function translateWindow(config: JsonObject, set: KeyWriter, family: Family, layers: number): void {
  const isQwen = family.architecture === "qwen2" || family.architecture === "qwen3";
  if (isQwen && !config.boolean("use_sliding_window", false)) return;
  if (family.modelType === "llama" || config.get("sliding_window") === undefined) return;
  if (isQwen) {
    const first = config.get("max_window_layers") === 0 ? 0 : config.size("max_window_layers", 28);
    if (first >= layers) return;
    if (first > 0) throw unsupported(config, "max_window_layers", first);
  }
  set.u32("attention.sliding_window", config.size("sliding_window"));
}

function checkActivation(config: JsonObject, activation: string, architecture: string): void {
  if (activations[architecture]!.includes(activation)) return;
  throw unsupported(
    config,
    architecture === "gpt2" ? "activation_function" : "hidden_act",
    activation,
  );
}

function unsupported(config: JsonObject, field: string, value: unknown): Error {
  return modelError(config.path, `${field} ${JSON.stringify(value)} is not supported`);
}
