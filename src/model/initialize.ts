// Writes a new, untrained model: seeded weights by Kaiming's or Xavier's rule, tensor by tensor, so
// that a model larger than memory can be made. The same seed gives the same bytes.

import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { CromwellError, systemReason } from "../errors.ts";
import { convert } from "../formats/convert.ts";
import { writeGguf } from "../formats/gguf-writer.ts";
import { checkType } from "../formats/hugging-face/writer.ts";
import { entry, type MetadataEntry } from "../formats/metadata.ts";
import type { TensorPlan } from "../formats/tensor-plan.ts";
import { elementCount } from "../formats/tensor-table.ts";
import { type TensorType, tensorTypes } from "../formats/tensor-type.ts";
import { tokenType } from "../formats/token-type.ts";
import { quantize } from "../native/kernels.ts";
import { characterOfByte } from "../tokenizer/bytes.ts";
import { limits as configLimits } from "./config.ts";

/** The shape of a Llama-style model (RMSNorm, RoPE, SwiGLU, tied embedding). */
export interface NewModelConfig {
  readonly name: string;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly ropeBase: number;
  readonly normEpsilon: number;
}

/** Configurations that `cromwell init --config` knows by name. */
export const newModelConfigs: Readonly<Record<string, NewModelConfig>> = {
  "cromwell-1b": {
    name: "cromwell-1b",
    hidden: 2048,
    layers: 24,
    heads: 32,
    kvHeads: 4,
    headDimension: 64,
    feedForward: 5632,
    vocabulary: 50_000,
    contextLength: 4096,
    ropeBase: 10_000,
    normEpsilon: 1e-5,
  },
};

export type Initialization = "kaiming" | "xavier";

export interface InitializeOptions {
  readonly seed: number;
  readonly initialization: Initialization;
  /** Type of the matrices; norms are always F32. */
  readonly type: TensorType;
  /** A tokenizer's keys, as GGUF has them; by default one of bytes. */
  readonly tokenizer?: Iterable<readonly [string, MetadataEntry]> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((tensor: string, index: number, tensors: number) => void) | undefined;
}

/** Elements made at a time: a multiple of every block size. */
const chunk = 1 << 18;

/** Largest of each whole number. */
const limits = { ...configLimits, vocabulary: 1 << 21 } as const;

/** Checks a configuration from outside; `source` names it in errors. */
export function parseNewModelConfig(source: string, value: unknown): NewModelConfig {
  const fail = (what: string) => new CromwellError("input", `${source}: ${what}`);
  if (typeof value !== "object" || value === null) throw fail("not a JSON object");
  const fields = value as Record<string, unknown>;
  const known = [...Object.keys(limits), "name", "ropeBase", "normEpsilon"];
  const unknown = Object.keys(fields).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw fail(`${JSON.stringify(unknown)} is not one of ${known.join(", ")}`);
  }
  for (const [key, maximum] of Object.entries(limits)) {
    const given = fields[key];
    const whole = typeof given === "number" && Number.isInteger(given);
    if (!whole || given < 1 || given > maximum) {
      throw fail(`${key} must be a whole number from 1 to ${maximum}`);
    }
  }
  const config = {
    name: "model",
    ropeBase: 10_000,
    normEpsilon: 1e-5,
    ...fields,
  } as NewModelConfig;
  if (config.heads % config.kvHeads !== 0) throw fail("heads must be a multiple of kvHeads");
  if (config.headDimension % 2 !== 0) throw fail("headDimension must be even");
  if (config.vocabulary < 257) throw fail("vocabulary must be at least 257: 256 bytes and an end");
  if (typeof config.name !== "string") throw fail("name must be a text");
  for (const key of ["ropeBase", "normEpsilon"] as const) {
    if (!(Number.isFinite(config[key]) && config[key] > 0)) throw fail(`${key} must be above 0`);
  }
  return config;
}

/**
 * Writes the model to `output`: a .gguf or .safetensors file, or a folder for Hugging Face. Throws
 * CromwellError "usage" for a type that the output's format does not have.
 */
export async function initialize(
  config: NewModelConfig,
  output: string,
  options: InitializeOptions,
): Promise<void> {
  const tensors = plan(config, options.type);
  const { signal } = options;
  const isGguf = output.endsWith(".gguf");
  if (!isGguf) checkType(options.type.name);
  const data = (tensor: TensorPlan, index: number) => {
    options.onProgress?.(tensor.name, index, tensors.length);
    return tensorData(tensor, config, options);
  };
  const keys = [...shapeKeys(config), ...(options.tokenizer ?? bytesTokenizer(config.vocabulary))];
  const content = { metadata: keys, tensors, data };
  if (isGguf) return writeGguf(output, content, { signal });
  // Hugging Face's row order and files are the converter's business, so that both hold one model.
  const folder = temporaryFolder(output);
  try {
    const path = join(folder, "model.gguf");
    await writeGguf(path, content, { signal });
    await convert(path, output, { signal });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A new folder beside `output`, on a disk that has room for the model. */
function temporaryFolder(output: string): string {
  try {
    return mkdtempSync(join(dirname(output), ".cromwell-init-"));
  } catch (cause) {
    throw new CromwellError("input", `cannot write ${output}: ${systemReason(cause)}`, { cause });
  }
}

function plan(config: NewModelConfig, type: TensorType): TensorPlan[] {
  const { hidden, feedForward, vocabulary } = config;
  const width = config.heads * config.headDimension;
  const kvWidth = config.kvHeads * config.headDimension;
  const norm = (name: string) => ({ name, shape: [hidden], type: tensorTypes.F32 });
  const matrix = (name: string, rows: number, columns: number) => ({
    name,
    shape: [rows, columns],
    type: columns % type.blockSize === 0 ? type : tensorTypes.F32,
  });
  const layers = Array.from({ length: config.layers }, (_, i) => [
    norm(`blk.${i}.attn_norm.weight`),
    matrix(`blk.${i}.attn_q.weight`, width, hidden),
    matrix(`blk.${i}.attn_k.weight`, kvWidth, hidden),
    matrix(`blk.${i}.attn_v.weight`, kvWidth, hidden),
    matrix(`blk.${i}.attn_output.weight`, hidden, width),
    norm(`blk.${i}.ffn_norm.weight`),
    matrix(`blk.${i}.ffn_gate.weight`, feedForward, hidden),
    matrix(`blk.${i}.ffn_up.weight`, feedForward, hidden),
    matrix(`blk.${i}.ffn_down.weight`, hidden, feedForward),
  ]);
  return [
    matrix("token_embd.weight", vocabulary, hidden),
    ...layers.flat(),
    norm("output_norm.weight"),
  ];
}

function* tensorData(
  { name, shape, type }: TensorPlan,
  config: NewModelConfig,
  { seed, initialization }: InitializeOptions,
): Generator<Uint8Array> {
  const elements = elementCount(shape);
  const bound = shape.length === 1 ? 0 : uniformBound(name, shape, config, initialization);
  const offset = shape.length === 1 ? 1 : 0;
  const key = hash(`${seed}/${name}`);
  const values = new Float32Array(Math.min(chunk, elements));
  for (let first = 0; first < elements; first += chunk) {
    const count = Math.min(chunk, elements - first);
    for (let i = 0; i < count; i++) values[i] = offset + bound * unit(key, first + i);
    yield quantize(type, values.subarray(0, count));
  }
}

/**
 * Half the width of the uniform distribution. Kaiming (He et al., 2015) keeps the variance of ReLU's
 * input: sqrt(6 / fan in); Xavier (Glorot and Bengio, 2010): sqrt(6 / (fan in + fan out)). An embedding
 * has one input at a time; its rows get a standard deviation of 0.02, as GPT-2's.
 */
function uniformBound(
  name: string,
  shape: readonly number[],
  config: NewModelConfig,
  initialization: Initialization,
): number {
  const [rows, columns] = shape as [number, number];
  if (name === "token_embd.weight") return 0.02 * Math.sqrt(3);
  const bound = Math.sqrt(6 / (initialization === "kaiming" ? columns : rows + columns));
  // Two products a layer add to the residual stream: scaled down as GPT-2's, so that it stays of one size.
  const adds = name.includes("attn_output") || name.includes("ffn_down");
  return adds ? bound / Math.sqrt(2 * config.layers) : bound;
}

/** A number in [-1, 1) that depends on key and index alone (the finaliser of MurmurHash3). */
function unit(key: number, index: number): number {
  let h = (key + Math.imul(index, 0x9e3779b9)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) / 2 ** 31;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text)) h = Math.imul(h ^ byte, 0x01000193);
  return h | 0;
}

/** What GGUF says of the model's shape. */
function shapeKeys(config: NewModelConfig): [string, MetadataEntry][] {
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

/**
 * Without a vocabulary of its own a model's first 256 tokens are the bytes, then the end of text, and
 * the rest is unused.
 */
function bytesTokenizer(vocabulary: number): [string, MetadataEntry][] {
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
