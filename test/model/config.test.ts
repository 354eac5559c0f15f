// A model's configuration from its metadata: defaults, families, and every value that is refused,
// with the key and the file in the error.

import { describe, expect, test } from "bun:test";
import { CromwellError } from "../../src/errors.ts";
import { llama3Frequencies } from "../../src/formats/hugging-face/rope-frequencies.ts";
import { entry, Metadata, type MetadataEntry } from "../../src/formats/metadata.ts";
import type { ModelFile } from "../../src/formats/model-file.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { readConfig } from "../../src/model/config.ts";

const path = "folder/model.gguf";
const { u32, f32, string } = entry;

/** Metadata of a small llama model; `undefined` takes a key away. */
type Changes = Record<string, MetadataEntry | undefined>;

function modelFile(changes: Changes = {}, others: Partial<ModelFile> = {}): ModelFile {
  const metadata: Changes = {
    "general.architecture": string("llama"),
    "llama.block_count": u32(2),
    "llama.context_length": u32(128),
    "llama.embedding_length": u32(64),
    "llama.feed_forward_length": u32(96),
    "llama.attention.head_count": u32(4),
    "llama.attention.head_count_kv": u32(2),
    "llama.attention.layer_norm_rms_epsilon": f32(1e-5),
    ...changes,
  };
  const entries = Object.entries(metadata).filter((pair) => pair[1] !== undefined);
  const name = "token_embd.weight";
  const place = { offset: 0, byteLength: 0, file: 0, transposed: false };
  const embedding = { name, sourceName: name, type: tensorTypes.F32, shape: [99, 64], ...place };
  return {
    path,
    format: "gguf",
    version: "3",
    metadata: new Metadata(path, entries as [string, MetadataEntry][]),
    tensors: new Map([[name, embedding]]),
    files: [{ path, size: 0 }],
    rowOrder: "gguf",
    ...others,
  };
}

/** The same of another family: llama's keys under its name. */
function family(name: string, changes: Changes = {}): ModelFile {
  const renamed: Changes = { "general.architecture": string(name) };
  for (const [key, value] of modelFile().metadata.entries()) {
    if (key.startsWith("llama.")) renamed[key.replace("llama.", `${name}.`)] = value;
  }
  return modelFile({ ...renamed, ...changes });
}

test("a llama model, with its defaults", () => {
  expect(readConfig(modelFile())).toEqual({
    architecture: "llama",
    layers: 2,
    hidden: 64,
    heads: 4,
    kvHeads: 2,
    headDimension: 16,
    feedForward: 96,
    vocabulary: 99,
    contextLength: 128,
    norm: "rms",
    normEpsilon: Math.fround(1e-5),
    activation: "swiglu",
    rope: { base: 10_000, dimension: 16, halves: false, divisors: undefined },
    slidingWindow: 0,
  });
});

test("without head_count_kv every head has its own keys", () => {
  const file = modelFile({ "llama.attention.head_count_kv": undefined });
  expect(readConfig(file).kvHeads).toBe(4);
});

test("rows in Hugging Face's order rotate halves", () => {
  expect(readConfig(modelFile({}, { rowOrder: "huggingface" })).rope!.halves).toBe(true);
  expect(readConfig(modelFile()).rope!.halves).toBe(false);
});

test("qwen2 and qwen3 rotate halves; heads may be wider than the model", () => {
  expect(readConfig(family("qwen2")).rope!.halves).toBe(true);
  const wide = { "qwen3.attention.key_length": u32(32), "qwen3.attention.value_length": u32(32) };
  expect(readConfig(family("qwen3", wide)).headDimension).toBe(32);
});

test("gpt2 has learned positions, LayerNorm and GELU; starcoder2 rotates", () => {
  const epsilon = (name: string) => ({ [`${name}.attention.layer_norm_epsilon`]: f32(1e-5) });
  const gpt2 = readConfig(family("gpt2", epsilon("gpt2")));
  expect([gpt2.rope, gpt2.norm, gpt2.activation]).toEqual([undefined, "layer", "gelu"]);
  const starcoder2 = readConfig(family("starcoder2", epsilon("starcoder2")));
  expect([starcoder2.norm, starcoder2.activation]).toEqual(["layer", "gelu"]);
  expect(starcoder2.rope!.halves).toBe(true);
});

test("a sliding window", () => {
  const file = modelFile({ "llama.attention.sliding_window": u32(4096) });
  expect(readConfig(file).slidingWindow).toBe(4096);
});

describe("RoPE scaling", () => {
  const scaling = (changes: Changes) => readConfig(modelFile(changes)).rope!.divisors;
  const pairs = readConfig(modelFile({})).rope!.dimension / 2;
  const linear = new Float32Array(pairs).fill(4);

  test("linear, by its name, by a factor alone, and by the old key", () => {
    const factor = f32(4);
    const type = string("linear");
    expect(
      scaling({ "llama.rope.scaling.type": type, "llama.rope.scaling.factor": factor }),
    ).toEqual(linear);
    expect(scaling({ "llama.rope.scaling.factor": factor })).toEqual(linear);
    expect(scaling({ "llama.rope.scale_linear": factor })).toEqual(linear);
    expect(scaling({ "llama.rope.scaling.type": type })).toBeUndefined();
  });

  test("Llama 3's", () => {
    const file = {
      "llama.rope.scaling.type": string("llama3"),
      "llama.rope.scaling.factor": f32(8),
      "llama.rope.scaling.low_freq_factor": f32(1),
      "llama.rope.scaling.high_freq_factor": f32(4),
      "llama.rope.scaling.original_context_length": u32(8192),
    };
    const bands = { factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4 };
    const { base, dimension } = readConfig(modelFile(file)).rope!;
    const divisors = llama3Frequencies({ ...bands, originalContext: 8192 }, base, dimension);
    expect(scaling(file)).toEqual(divisors);
    expect(divisors.some((divisor) => divisor > 1)).toBe(true);
    const partial = { ...file, "llama.rope.scaling.low_freq_factor": undefined };
    expect(() => scaling(partial)).toThrow("llama.rope.scaling.low_freq_factor is missing");
  });

  test.each(["yarn", "longrope", ""])("%p is refused with what there is", (type) => {
    try {
      scaling({ "llama.rope.scaling.type": string(type), "llama.rope.scaling.factor": f32(2) });
      throw new Error("nothing was refused");
    } catch (error) {
      expect((error as CromwellError).message).toBe(
        `${path}: RoPE scaling ${JSON.stringify(type)}`,
      );
      expect((error as CromwellError).hint).toContain("linear");
    }
  });
});

describe("refused", () => {
  const refusals: [changes: Changes, message: string][] = [
    [{ "general.architecture": string("mamba") }, 'architecture "mamba" is not supported'],
    [{ "general.architecture": undefined }, "general.architecture is missing"],
    [{ "general.architecture": u32(1) }, "general.architecture is 1 where a string is needed"],
    [{ "llama.block_count": undefined }, "llama.block_count is missing"],
    [{ "llama.block_count": u32(0) }, "llama.block_count is 0"],
    [{ "llama.block_count": u32(1025) }, "llama.block_count is 1025"],
    [{ "llama.block_count": string("two") }, 'llama.block_count is "two"'],
    [{ "llama.context_length": u32(0) }, "llama.context_length is 0"],
    [
      { "llama.context_length": { type: "u64", value: 2 ** 40 } },
      "llama.context_length is 1099511",
    ],
    [{ "llama.embedding_length": u32(65_537) }, "llama.embedding_length is 65537"],
    [{ "llama.feed_forward_length": f32(1.5) }, "llama.feed_forward_length is 1.5"],
    [{ "llama.attention.head_count": u32(0) }, "llama.attention.head_count is 0"],
    [{ "llama.attention.head_count_kv": u32(3) }, "4 heads over 3 KV heads do not divide"],
    [{ "llama.attention.head_count_kv": u32(8) }, "4 heads over 8 KV heads do not divide"],
    [{ "llama.attention.value_length": u32(8) }, "keys and values of different width"],
    [{ "llama.attention.key_length": u32(4096) }, "llama.attention.key_length is 4096"],
    [{ "llama.attention.layer_norm_rms_epsilon": undefined }, "layer_norm_rms_epsilon is missing"],
    [{ "llama.attention.layer_norm_rms_epsilon": f32(-1) }, "norm epsilon -1"],
    [{ "llama.attention.layer_norm_rms_epsilon": f32(NaN) }, "layer_norm_rms_epsilon is NaN"],
    [{ "llama.rope.dimension_count": u32(0) }, "rotary embedding of 0, base 10000"],
    [{ "llama.rope.dimension_count": u32(7) }, "rotary embedding of 7, base 10000"],
    [{ "llama.rope.dimension_count": u32(18) }, "rotary embedding of 18, base 10000"],
    [{ "llama.rope.freq_base": f32(0) }, "rotary embedding of 16, base 0"],
    [{ "llama.rope.scaling.factor": f32(0) }, "RoPE factor 0"],
    [{ "llama.attention.sliding_window": f32(-1) }, "llama.attention.sliding_window is -1"],
  ];
  test.each(refusals.map(([changes, message]) => [message, changes] as const))(
    "%s",
    (message, changes) => {
      const attempt = () => readConfig(modelFile(changes));
      expect(attempt).toThrow(CromwellError);
      expect(attempt).toThrow(path);
      expect(attempt).toThrow(message);
    },
  );

  test("no embedding", () => {
    const attempt = () => readConfig(modelFile({}, { tensors: new Map() }));
    expect(attempt).toThrow(`${path}: tensor token_embd.weight is missing`);
  });
});
