// Writes a new, untrained model: seeded weights by Kaiming's, Xavier's or GPT-2's rule, tensor by tensor, so
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
import { type Draw, drawKey, normal, uniform } from "./draw.ts";
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

export const initializations = ["kaiming", "xavier", "gpt2"] as const;
export type Initialization = (typeof initializations)[number];

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
  const offset = shape.length === 1 && name.endsWith(".weight") ? 1 : 0;
  const { draw, size } = shape.length === 1 ? nothing : rule(name, shape, config, initialization);
  const key = drawKey(`${seed}/${name}`);
  const values = new Float32Array(Math.min(chunk, elements));
  for (let first = 0; first < elements; first += chunk) {
    const count = Math.min(chunk, elements - first);
    for (let i = 0; i < count; i++) values[i] = offset + size * draw(key, first + i);
    yield quantize(type, values.subarray(0, count));
  }
}

/** A distribution, and what a value drawn from it is multiplied by. */
interface Rule {
  readonly draw: Draw;
  readonly size: number;
}

const nothing: Rule = { draw: () => 0, size: 0 };

/**
 * Kaiming (He et al., 2015) keeps the variance of ReLU's input: uniform within sqrt(6 / fan in); Xavier
 * (Glorot and Bengio, 2010): sqrt(6 / (fan in + fan out)). An embedding has one input at a time; its rows
 * get a standard deviation of 0.02, as all of GPT-2's matrices (Radford et al., 2019) do, normally.
 */
function rule(
  name: string,
  shape: readonly number[],
  config: NewModelConfig,
  initialization: Initialization,
): Rule {
  const [given, columns] = shape as [number, number];
  // Two products a layer add to the residual stream: scaled down, so that it stays of one size.
  const adds = name.includes("attn_output") || name.includes("ffn_down");
  const share = adds ? 1 / Math.sqrt(2 * config.layers) : 1;
  if (initialization === "gpt2") return { draw: normal, size: 0.02 * share };
  if (name.endsWith("_embd.weight")) return { draw: uniform, size: 0.02 * Math.sqrt(3) };
  // Queries, keys and values are three matrices that lie in one.
  const rows = name.includes("attn_qkv") ? given / 3 : given;
  const inputs = initialization === "kaiming" ? columns : rows + columns;
  return { draw: uniform, size: Math.sqrt(6 / inputs) * share };
}
