// What the file of a new model holds: its tensors' names and shapes, as a Llama-style and a GPT-2-style
// model have them, and its keys.

import { entry, type MetadataEntry } from "../formats/metadata.ts";
import type { TensorPlan } from "../formats/tensor-plan.ts";
import { type TensorType, tensorTypes } from "../formats/tensor-type.ts";
import { tokenType } from "../formats/token-type.ts";
import { characterOfByte } from "../tokenizer/bytes.ts";

/**
 * The shape of a Llama-style model (RMSNorm, RoPE, SwiGLU), or of a GPT-2-style one (LayerNorm, learned
 * positions, GELU, biases); the embedding is the output matrix too.
 */
export interface NewModelConfig {
  /** Default: llama. */
  readonly architecture?: "llama" | "gpt2" | undefined;
  readonly name: string;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  /** Of no meaning to GPT-2. */
  readonly ropeBase: number;
  readonly normEpsilon: number;
}

/** The tensors in the order of the file; matrices of `type` where their columns allow it. */
export function planTensors(config: NewModelConfig, type: TensorType): TensorPlan[] {
  const { hidden, vocabulary, contextLength, architecture } = config;
  const vector = (name: string, size = hidden) => ({
    name,
    shape: [size],
    type: tensorTypes.F32,
  });
  const matrix = (name: string, rows: number, columns: number) => ({
    name,
    shape: [rows, columns],
    type: columns % type.blockSize === 0 ? type : tensorTypes.F32,
  });
  const layer = architecture === "gpt2" ? gpt2Layer : llamaLayer;
  const layers = Array.from({ length: config.layers }, (_, i) => {
    return layer(config, `blk.${i}`, vector, matrix);
  });
  const isGpt2 = architecture === "gpt2";
  return [
    matrix("token_embd.weight", vocabulary, hidden),
    // Added to rows of the embedding one by one: never quantised.
    ...(isGpt2 ? [{ ...vector("position_embd.weight"), shape: [contextLength, hidden] }] : []),
    ...layers.flat(),
    vector("output_norm.weight"),
    ...(isGpt2 ? [vector("output_norm.bias")] : []),
  ];
}

type PlanVector = (name: string, size?: number) => TensorPlan;
type PlanMatrix = (name: string, rows: number, columns: number) => TensorPlan;

function llamaLayer(
  { hidden, feedForward, heads, kvHeads, headDimension }: NewModelConfig,
  layer: string,
  vector: PlanVector,
  matrix: PlanMatrix,
): TensorPlan[] {
  const [width, kvWidth] = [heads * headDimension, kvHeads * headDimension];
  return [
    vector(`${layer}.attn_norm.weight`),
    matrix(`${layer}.attn_q.weight`, width, hidden),
    matrix(`${layer}.attn_k.weight`, kvWidth, hidden),
    matrix(`${layer}.attn_v.weight`, kvWidth, hidden),
    matrix(`${layer}.attn_output.weight`, hidden, width),
    vector(`${layer}.ffn_norm.weight`),
    matrix(`${layer}.ffn_gate.weight`, feedForward, hidden),
    matrix(`${layer}.ffn_up.weight`, feedForward, hidden),
    matrix(`${layer}.ffn_down.weight`, hidden, feedForward),
  ];
}

function gpt2Layer(
  { hidden, feedForward }: NewModelConfig,
  layer: string,
  vector: PlanVector,
  matrix: PlanMatrix,
): TensorPlan[] {
  const norm = (name: string) => [
    vector(`${layer}.${name}.weight`),
    vector(`${layer}.${name}.bias`),
  ];
  const linear = (name: string, rows: number, columns: number) => [
    matrix(`${layer}.${name}.weight`, rows, columns),
    vector(`${layer}.${name}.bias`, rows),
  ];
  return [
    ...norm("attn_norm"),
    ...linear("attn_qkv", 3 * hidden, hidden),
    ...linear("attn_output", hidden, hidden),
    ...norm("ffn_norm"),
    ...linear("ffn_up", feedForward, hidden),
    ...linear("ffn_down", hidden, feedForward),
  ];
}

/** What GGUF says of the model's shape. */
export function shapeKeys(config: NewModelConfig): [string, MetadataEntry][] {
  if (config.architecture === "gpt2") return gpt2Keys(config);
  const u32 = (key: string, value: number): [string, MetadataEntry] => [
    `llama.${key}`,
    entry.u32(value),
  ];
  return [
    ["general.architecture", entry.string("llama")],
    ["general.name", entry.string(config.name)],
    u32("vocab_size", config.vocabulary),
    u32("context_length", config.contextLength),
    u32("embedding_length", config.hidden),
    u32("block_count", config.layers),
    u32("feed_forward_length", config.feedForward),
    u32("attention.head_count", config.heads),
    u32("attention.head_count_kv", config.kvHeads),
    u32("attention.key_length", config.headDimension),
    u32("attention.value_length", config.headDimension),
    u32("rope.dimension_count", config.headDimension),
    ["llama.rope.freq_base", entry.f32(config.ropeBase)],
    ["llama.attention.layer_norm_rms_epsilon", entry.f32(config.normEpsilon)],
  ];
}

function gpt2Keys(config: NewModelConfig): [string, MetadataEntry][] {
  return [
    ["general.architecture", entry.string("gpt2")],
    ["general.name", entry.string(config.name)],
    ["gpt2.vocab_size", entry.u32(config.vocabulary)],
    ["gpt2.context_length", entry.u32(config.contextLength)],
    ["gpt2.embedding_length", entry.u32(config.hidden)],
    ["gpt2.block_count", entry.u32(config.layers)],
    ["gpt2.feed_forward_length", entry.u32(config.feedForward)],
    ["gpt2.attention.head_count", entry.u32(config.heads)],
    ["gpt2.attention.layer_norm_epsilon", entry.f32(config.normEpsilon)],
  ];
}

/**
 * Without a vocabulary of its own a model's first 256 tokens are the bytes, then the end of text, and
 * the rest is unused.
 */
export function bytesTokenizer(vocabulary: number): [string, MetadataEntry][] {
  const end = 256;
  const tokens = Array.from({ length: vocabulary }, (_, id) =>
    id < end
      ? String.fromCharCode(characterOfByte[id]!)
      : id === end
        ? "<|endoftext|>"
        : `<|unused_${id}|>`,
  );
  const { normal, control, unused } = tokenType;
  const types = Int32Array.from(tokens, (_, id) =>
    id < end ? normal : id === end ? control : unused,
  );
  return [
    ["tokenizer.ggml.model", entry.string("gpt2")],
    ["tokenizer.ggml.pre", entry.string("gpt-2")],
    ["tokenizer.ggml.tokens", entry.strings(tokens)],
    ["tokenizer.ggml.token_type", entry.array(types)],
    ["tokenizer.ggml.merges", entry.strings([])],
    ["tokenizer.ggml.eos_token_id", entry.u32(end)],
    ["tokenizer.ggml.add_bos_token", entry.bool(false)],
  ];
}
