// A tiny seeded llama model in one GGUF file, with a vocabulary of letters and bytes: a whole model
// to open, prompt and interrupt where no real one is at hand. What it says has no meaning.

import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry, type MetadataEntry } from "../../src/formats/metadata.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { tensorValues } from "../golden/models/generate.ts";

const hidden = 64;
const feedForward = 96;
const layers = 2;
const kvHeads = 2;
const headDimension = 16;
const letters = [..."etaoinshrdlucmfwygpbvkxqjz", "▁", "▁the", "▁a", "th", "he", "in", "▁o"];
const bytes = Array.from({ length: 256 }, (_, byte) => {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
});
const tokens = ["<unk>", "<s>", "</s>", ...bytes, ...letters];

export interface TinyOptions {
  readonly contextLength?: number;
  /** Rows of the embedding, where not as many as tokens. */
  readonly vocabulary?: number;
  /** Replaces the values of one tensor. */
  readonly poison?: { readonly name: string; readonly value: number };
  readonly metadata?: readonly (readonly [string, MetadataEntry])[];
}

function metadata(options: TinyOptions): [string, MetadataEntry][] {
  // Types: 1 normal, 2 unknown, 3 control, 6 byte.
  const types = tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1));
  const scores = tokens.map((token, id) => (id < 259 ? 0 : token.length - 10));
  return [
    ["general.architecture", entry.string("llama")],
    ["llama.block_count", entry.u32(layers)],
    ["llama.context_length", entry.u32(options.contextLength ?? 512)],
    ["llama.embedding_length", entry.u32(hidden)],
    ["llama.feed_forward_length", entry.u32(feedForward)],
    ["llama.attention.head_count", entry.u32(hidden / headDimension)],
    ["llama.attention.head_count_kv", entry.u32(kvHeads)],
    ["llama.attention.layer_norm_rms_epsilon", entry.f32(1e-5)],
    ["tokenizer.ggml.model", entry.string("llama")],
    ["tokenizer.ggml.tokens", entry.strings(tokens)],
    ["tokenizer.ggml.scores", entry.array(Float32Array.from(scores))],
    ["tokenizer.ggml.token_type", entry.array(Int32Array.from(types))],
    ["tokenizer.ggml.bos_token_id", entry.u32(1)],
    ["tokenizer.ggml.eos_token_id", entry.u32(2)],
    ...(options.metadata ?? []).map(([key, value]): [string, MetadataEntry] => [key, value]),
  ];
}

function shapes(vocabulary: number): [string, number[]][] {
  const kvWidth = kvHeads * headDimension;
  const layer = (i: number): [string, number[]][] =>
    Object.entries({
      attn_norm: [hidden],
      attn_q: [hidden, hidden],
      attn_k: [kvWidth, hidden],
      attn_v: [kvWidth, hidden],
      attn_output: [hidden, hidden],
      ffn_norm: [hidden],
      ffn_gate: [feedForward, hidden],
      ffn_up: [feedForward, hidden],
      ffn_down: [hidden, feedForward],
    }).map(([name, shape]) => [`blk.${i}.${name}.weight`, shape]);
  return [
    ["token_embd.weight", [vocabulary, hidden]],
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    ["output_norm.weight", [hidden]],
    ["output.weight", [vocabulary, hidden]],
  ];
}

/** Writes the model at `path`, which is returned. */
export async function writeTinyModel(path: string, options: TinyOptions = {}): Promise<string> {
  const plan = shapes(options.vocabulary ?? tokens.length).map(([name, shape]) => ({
    name,
    shape,
    type: tensorTypes.F32,
  }));
  await writeGguf(path, {
    metadata: metadata(options),
    tensors: plan,
    data: ({ name, shape }) => {
      const norm = shape.length === 1;
      const recipe = { name, shape, scale: norm ? 0.1 : 0.3, offset: norm ? 1 : 0 };
      const values = tensorValues("tiny", recipe);
      if (name === options.poison?.name) values.fill(options.poison.value);
      return [new Uint8Array(values.buffer)];
    },
  });
  return path;
}
