// A model's shape, read from its metadata and checked once; everything later trusts it. What the
// forward pass does not compute is refused here by name.

import { CromwellError } from "../errors.ts";
import { type Architecture, architectures } from "../formats/hugging-face/families.ts";
import { llama3Frequencies } from "../formats/hugging-face/rope-frequencies.ts";
import type { ModelFile } from "../formats/model-file.ts";

export interface RopeConfig {
  readonly base: number;
  /** Dimensions of a head that are rotated. */
  readonly dimension: number;
  /** Pairs are (i, i + dimension / 2), else (2i, 2i + 1) as in GGUF llama files. */
  readonly halves: boolean;
  /** What each frequency is divided by, [dimension / 2]; undefined where the model scales none. */
  readonly divisors: Float32Array | undefined;
}

export interface ModelConfig {
  readonly architecture: Architecture;
  readonly layers: number;
  /** Width of the residual stream. */
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly norm: "rms" | "layer";
  readonly normEpsilon: number;
  readonly activation: "swiglu" | "gelu";
  /** Undefined where positions are learned (gpt2). */
  readonly rope: RopeConfig | undefined;
  /** Positions that a token sees, itself included; 0 for all. */
  readonly slidingWindow: number;
}

/** Largest of each size: what the formats and the kernels can hold. */
export const limits = {
  hidden: 1 << 16,
  layers: 1024,
  heads: 1024,
  kvHeads: 1024,
  headDimension: 1024,
  feedForward: 1 << 20,
  contextLength: 1 << 27,
} as const satisfies Partial<Record<keyof ModelConfig, number>>;

/** Reads and checks the configuration of a model file. Throws CromwellError "model". */
export function readConfig(file: ModelFile): ModelConfig {
  const { metadata } = file;
  const architecture = metadata.string("general.architecture");
  if (!isArchitecture(architecture)) {
    throw new CromwellError(
      "model",
      `${file.path}: architecture ${JSON.stringify(architecture.slice(0, 40))} is not supported`,
      { hint: `cromwell runs ${architectures.join(", ")}` },
    );
  }
  const integer = (key: string, maximum: number, fallback?: number) =>
    metadata.integer(`${architecture}.${key}`, {
      minimum: 1,
      maximum,
      ...(fallback === undefined ? {} : { fallback }),
    });
  const hidden = integer("embedding_length", limits.hidden);
  const heads = integer("attention.head_count", limits.heads);
  const kvHeads = integer("attention.head_count_kv", limits.kvHeads, heads);
  const { headDimension: widest } = limits;
  const headDimension = integer("attention.key_length", widest, Math.floor(hidden / heads));
  const valueDimension = integer("attention.value_length", widest, headDimension);
  const layerNorm = architecture === "gpt2" || architecture === "starcoder2";
  const epsilonKey = `attention.layer_norm_${layerNorm ? "" : "rms_"}epsilon`;
  const fail = (what: string) => new CromwellError("model", `${file.path}: ${what}`);
  if (heads % kvHeads !== 0) throw fail(`${heads} heads over ${kvHeads} KV heads do not divide`);
  if (valueDimension !== headDimension) throw fail("keys and values of different width");
  const normEpsilon = metadata.number(`${architecture}.${epsilonKey}`);
  if (!(normEpsilon >= 0 && normEpsilon < 1)) throw fail(`norm epsilon ${normEpsilon}`);
  const embedding = file.tensors.get("token_embd.weight");
  if (embedding?.shape.length !== 2) throw fail("tensor token_embd.weight is missing");
  return {
    architecture,
    layers: integer("block_count", limits.layers),
    hidden,
    heads,
    kvHeads,
    headDimension,
    feedForward: integer("feed_forward_length", limits.feedForward, 4 * hidden),
    vocabulary: embedding.shape[0]!,
    contextLength: integer("context_length", limits.contextLength),
    norm: layerNorm ? "layer" : "rms",
    normEpsilon,
    activation: layerNorm ? "gelu" : "swiglu",
    rope: architecture === "gpt2" ? undefined : readRope(file, architecture, headDimension),
    slidingWindow: metadata.integer(`${architecture}.attention.sliding_window`, { fallback: 0 }),
  };
}

function isArchitecture(name: string): name is Architecture {
  return (architectures as readonly string[]).includes(name);
}

function readRope(file: ModelFile, architecture: Architecture, headDimension: number): RopeConfig {
  const { metadata } = file;
  const key = (name: string) => `${architecture}.rope.${name}`;
  const dimension = metadata.integer(key("dimension_count"), { fallback: headDimension });
  const base = metadata.number(key("freq_base"), 10_000);
  if (dimension < 2 || dimension % 2 !== 0 || dimension > headDimension || !(base > 0)) {
    throw new CromwellError(
      "model",
      `${file.path}: rotary embedding of ${dimension}, base ${base}`,
    );
  }
  const halves = architecture !== "llama" || file.rowOrder === "huggingface";
  return { base, dimension, halves, divisors: readDivisors(file, key, base, dimension) };
}

/** The scaling that metadata name; a GGUF file may have a tensor of divisors instead. */
function readDivisors(
  file: ModelFile,
  key: (name: string) => string,
  base: number,
  dimension: number,
): Float32Array | undefined {
  const { metadata } = file;
  const type = metadata.string(key("scaling.type"), "none");
  // Older files have only a factor, which means linear.
  const factor = metadata.number(key("scaling.factor"), metadata.number(key("scale_linear"), 1));
  if (!(factor > 0)) throw new CromwellError("model", `${file.path}: RoPE factor ${factor}`);
  if (type === "linear" || (type === "none" && factor !== 1)) {
    return factor === 1 ? undefined : new Float32Array(dimension / 2).fill(factor);
  }
  if (type === "none") return undefined;
  if (type === "llama3") {
    const scaling = {
      factor,
      lowFrequencyFactor: metadata.number(key("scaling.low_freq_factor")),
      highFrequencyFactor: metadata.number(key("scaling.high_freq_factor")),
      originalContext: metadata.number(key("scaling.original_context_length")),
    };
    return llama3Frequencies(scaling, base, dimension);
  }
  throw new CromwellError("model", `${file.path}: RoPE scaling ${JSON.stringify(type)}`, {
    hint: "cromwell supports none, linear and llama3",
  });
}
