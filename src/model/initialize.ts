// Writes a new, untrained model: seeded weights by Kaiming's or Xavier's rule, tensor by tensor, so
// that a model larger than memory can be made. The same seed gives the same bytes.

import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { CromwellError, systemReason } from "../errors.ts";
import { convert } from "../formats/convert.ts";
import { writeGguf } from "../formats/gguf-writer.ts";
import { checkType } from "../formats/hugging-face/writer.ts";
import type { MetadataEntry } from "../formats/metadata.ts";
import type { TensorPlan } from "../formats/tensor-plan.ts";
import { elementCount } from "../formats/tensor-table.ts";
import type { TensorType } from "../formats/tensor-type.ts";
import { quantize } from "../native/kernels.ts";
import { limits as configLimits } from "./config.ts";
import { bytesTokenizer, type NewModelConfig, planTensors, shapeKeys } from "./new-model-plan.ts";

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
  const known = [...Object.keys(limits), "architecture", "name", "ropeBase", "normEpsilon"];
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
  const { architecture = "llama" } = config;
  if (architecture !== "llama" && architecture !== "gpt2") {
    throw fail("architecture must be llama or gpt2");
  }
  if (architecture === "gpt2" && config.heads * config.headDimension !== config.hidden) {
    throw fail("a gpt2 model's hidden is heads times headDimension");
  }
  if (architecture === "gpt2" && config.kvHeads !== config.heads) {
    throw fail("a gpt2 model has as many kvHeads as heads");
  }
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
  const tensors = planTensors(config, options.type);
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

function* tensorData(
  { name, shape, type }: TensorPlan,
  config: NewModelConfig,
  { seed, initialization }: InitializeOptions,
): Generator<Uint8Array> {
  const elements = elementCount(shape);
  const bound = shape.length === 1 ? 0 : uniformBound(name, shape, config, initialization);
  const offset = shape.length === 1 && name.endsWith(".weight") ? 1 : 0;
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
  const [given, columns] = shape as [number, number];
  if (name.endsWith("_embd.weight")) return 0.02 * Math.sqrt(3);
  // Queries, keys and values are three matrices that lie in one.
  const rows = name.includes("attn_qkv") ? given / 3 : given;
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
