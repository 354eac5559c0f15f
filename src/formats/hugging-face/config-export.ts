// Builds config.json from GGUF metadata, for the families that cromwell runs: the inverse of
// config.ts. What Hugging Face's classes cannot express is refused by its key.

import type { Metadata } from "../metadata.ts";
import { modelError } from "../tensor-table.ts";
import { type Family, families } from "./families.ts";
import type { Llama3Scaling } from "./rope-frequencies.ts";

export interface ExportedConfig {
  readonly family: Family;
  readonly config: Record<string, unknown>;
}

export interface ConfigFacts {
  /** Names of the model's tensors, as GGUF has them. */
  readonly tensors: { has(name: string): boolean };
  /** Rows of token_embd.weight. */
  readonly vocabularySize: number;
  /** "float32", "float16" or "bfloat16". */
  readonly dtype: string;
  /** From rope_freqs.weight, where the model has it. */
  readonly llama3?: Llama3Scaling | undefined;
}

/** The family and config.json of a GGUF model. */
export function exportConfig(metadata: Metadata, facts: ConfigFacts): ExportedConfig {
  const architecture = metadata.string("general.architecture");
  const isMistral = architecture === "llama" && metadata.has("llama.attention.sliding_window");
  const family = isMistral
    ? families.find((candidate) => candidate.modelType === "mistral")
    : families.find((candidate) => candidate.architecture === architecture);
  if (family === undefined) {
    const known = [...new Set(families.map((candidate) => candidate.architecture))].join(", ");
    throw modelError(metadata.path, `architecture ${architecture} is not one of ${known}`);
  }
  const read = new KeyReader(metadata, architecture);
  if (read.optional("expert_count")) {
    throw modelError(metadata.path, "mixtures of experts cannot be converted");
  }
  const common = {
    architectures: [family.className],
    model_type: family.modelType,
    vocab_size: facts.vocabularySize,
    bos_token_id: tokenId(metadata, "bos_token_id"),
    eos_token_id: tokenId(metadata, "eos_token_id"),
    tie_word_embeddings: !facts.tensors.has("output.weight"),
    torch_dtype: facts.dtype,
    use_cache: true,
  };
  const specific =
    architecture === "gpt2" ? gpt2Fields(read) : rotaryFields(read, metadata, family, facts);
  return { family, config: { ...common, ...specific } };
}

/** Reads keys under the architecture's prefix. */
class KeyReader {
  constructor(
    readonly metadata: Metadata,
    readonly architecture: string,
  ) {}
  size(key: string, fallback?: number): number {
    const options = fallback === undefined ? { minimum: 1 } : { minimum: 1, fallback };
    return this.metadata.integer(`${this.architecture}.${key}`, options);
  }
  float(key: string, fallback?: number): number {
    return shortest(this.metadata.number(`${this.architecture}.${key}`, fallback));
  }
  optional(key: string): number | undefined {
    const full = `${this.architecture}.${key}`;
    return this.metadata.has(full) ? this.metadata.number(full) : undefined;
  }
  optionalString(key: string): string | undefined {
    const full = `${this.architecture}.${key}`;
    return this.metadata.has(full) ? this.metadata.string(full) : undefined;
  }
}

function gpt2Fields(read: KeyReader): Record<string, unknown> {
  const context = read.size("context_length");
  return {
    n_embd: read.size("embedding_length"),
    n_layer: read.size("block_count"),
    n_head: read.size("attention.head_count"),
    n_inner: read.size("feed_forward_length"),
    n_positions: context,
    n_ctx: context,
    layer_norm_epsilon: read.float("attention.layer_norm_epsilon"),
    activation_function: "gelu_new",
  };
}

function rotaryFields(
  read: KeyReader,
  metadata: Metadata,
  family: Family,
  facts: ConfigFacts,
): Record<string, unknown> {
  const width = read.size("embedding_length");
  const heads = read.size("attention.head_count");
  const headSize = read.size("attention.key_length", width / heads);
  if (read.size("attention.value_length", headSize) !== headSize) {
    throw modelError(metadata.path, "attention.value_length differs from attention.key_length");
  }
  if (read.size("rope.dimension_count", headSize) !== headSize) {
    throw modelError(metadata.path, "rope.dimension_count differs from the head's size");
  }
  if (family.modelType === "starcoder2" && headSize * heads !== width) {
    throw modelError(metadata.path, "attention.key_length is not what starcoder2 computes");
  }
  const isStarcoder = family.architecture === "starcoder2";
  const norm = isStarcoder
    ? {
        norm_epsilon: read.float("attention.layer_norm_epsilon"),
        norm_type: "layer_norm",
        use_bias: facts.tensors.has("blk.0.attn_q.bias"),
      }
    : { rms_norm_eps: read.float("attention.layer_norm_rms_epsilon") };
  return {
    hidden_size: width,
    num_hidden_layers: read.size("block_count"),
    num_attention_heads: heads,
    num_key_value_heads: read.size("attention.head_count_kv", heads),
    head_dim: headSize,
    intermediate_size: read.size("feed_forward_length"),
    max_position_embeddings: read.size("context_length"),
    hidden_act: isStarcoder ? "gelu_pytorch_tanh" : "silu",
    rope_theta: read.float("rope.freq_base", 10_000),
    rope_scaling: ropeScaling(read, metadata, facts.llama3),
    ...norm,
    ...windowFields(read, family),
    ...biasFields(metadata, family, facts),
  };
}

function windowFields(read: KeyReader, family: Family): Record<string, unknown> {
  const window = read.optional("attention.sliding_window");
  if (family.modelType === "mistral" || family.modelType === "starcoder2") {
    return { sliding_window: window ?? null };
  }
  if (family.modelType === "llama") return {};
  return window === undefined
    ? { use_sliding_window: false, sliding_window: null }
    : { use_sliding_window: true, sliding_window: window, max_window_layers: 0 };
}

/** Llama's biases are on all of q, k, v and output or on none; so are those of its MLP. */
function biasFields(
  metadata: Metadata,
  family: Family,
  { tensors }: ConfigFacts,
): Record<string, unknown> {
  const uniform = (stems: string[]) => {
    const present = stems.filter((stem) => tensors.has(`blk.0.${stem}.bias`));
    if (present.length === 0 || present.length === stems.length) return present.length > 0;
    throw modelError(metadata.path, `biases on ${present.join(", ")} only cannot be expressed`);
  };
  const attention = ["attn_q", "attn_k", "attn_v", "attn_output"];
  if (family.modelType === "qwen3") return { attention_bias: uniform(attention) };
  if (family.modelType !== "llama") return {};
  return {
    attention_bias: uniform(attention),
    mlp_bias: uniform(["ffn_gate", "ffn_up", "ffn_down"]),
  };
}

function ropeScaling(
  read: KeyReader,
  metadata: Metadata,
  llama3: Llama3Scaling | undefined,
): Record<string, unknown> | null {
  if (llama3 !== undefined) {
    return {
      rope_type: "llama3",
      factor: llama3.factor,
      low_freq_factor: llama3.lowFrequencyFactor,
      high_freq_factor: llama3.highFrequencyFactor,
      original_max_position_embeddings: llama3.originalContext,
    };
  }
  const type = read.optionalString("rope.scaling.type");
  if (type === undefined || type === "none") return null;
  const factor = read.float("rope.scaling.factor");
  if (type === "linear") return { type, rope_type: type, factor };
  if (type === "yarn") {
    const original = read.size("rope.scaling.original_context_length");
    return { type, rope_type: type, factor, original_max_position_embeddings: original };
  }
  throw modelError(metadata.path, `RoPE scaling ${type} cannot be expressed in config.json`);
}

function tokenId(metadata: Metadata, key: string): number | undefined {
  const full = `tokenizer.ggml.${key}`;
  return metadata.has(full) ? metadata.number(full) : undefined;
}

/** The shortest decimal that gives the same f32: 1e-5 rather than 0.000009999999747378752. */
function shortest(value: number): number {
  for (let digits = 1; digits < 10; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return candidate;
  }
  return value;
}
