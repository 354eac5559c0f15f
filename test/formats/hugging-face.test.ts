// Hugging Face models under GGUF's names: every family's golden folder, and what a configuration
// may ask for that this program does not do.

import { expect, test } from "bun:test";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openModelFile } from "../../src/formats/model-file.ts";
import {
  goldenTensors,
  readGoldenModel,
  safetensorsBytes,
  writeModelFolder,
} from "../golden/models/generate.ts";
import { expectRefusal } from "./expect-error.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

function openGolden(name: string, change: Record<string, unknown> = {}) {
  const golden = readGoldenModel(name);
  const path = join(folder.path, name);
  writeModelFolder(golden, path, { ...golden.config, ...change });
  return openModelFile(path);
}

function values(name: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  const { metadata } = openGolden(name, change);
  return Object.fromEntries([...metadata.entries()].map(([key, { value }]) => [key, value]));
}

test("llama's names and keys are GGUF's", () => {
  const model = openGolden("llama");
  expect([model.format, model.rowOrder]).toEqual(["safetensors", "huggingface"]);
  expect([...model.tensors.keys()].filter((name) => !name.startsWith("blk.1"))).toEqual([
    "token_embd.weight",
    "blk.0.attn_q.weight",
    "blk.0.attn_k.weight",
    "blk.0.attn_v.weight",
    "blk.0.attn_output.weight",
    "blk.0.ffn_gate.weight",
    "blk.0.ffn_up.weight",
    "blk.0.ffn_down.weight",
    "blk.0.attn_norm.weight",
    "blk.0.ffn_norm.weight",
    "output_norm.weight",
    "output.weight",
  ]);
  const query = model.tensors.get("blk.0.attn_q.weight")!;
  expect(query.sourceName).toBe("model.layers.0.self_attn.q_proj.weight");
  expect([query.shape, query.transposed]).toEqual([[64, 64], false]);
  expect(values("llama")).toEqual({
    "general.architecture": "llama",
    "general.type": "model",
    "general.name": "llama",
    "llama.block_count": 2,
    "llama.context_length": 64,
    "llama.embedding_length": 64,
    "llama.feed_forward_length": 172,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "llama.attention.key_length": 16,
    "llama.attention.value_length": 16,
    "llama.attention.layer_norm_rms_epsilon": Math.fround(1e-5),
    "llama.rope.freq_base": 10_000,
    "llama.rope.dimension_count": 16,
    "llama.vocab_size": 96,
  });
});

test("a model has its folder's name, from inside the folder too", () => {
  const { path } = openGolden("llama");
  const before = process.cwd();
  process.chdir(path);
  try {
    for (const name of [".", "model.safetensors", "../llama/"]) {
      expect(openModelFile(name).metadata.string("general.name")).toBe("llama");
    }
  } finally {
    process.chdir(before);
  }
});

test("the other families' particulars are translated", () => {
  expect([...openGolden("qwen3").tensors.keys()]).toContain("blk.1.attn_k_norm.weight");
  expect(values("qwen3")["qwen3.attention.key_length"]).toBe(32);
  expect([...openGolden("qwen2").tensors.keys()]).toContain("blk.0.attn_q.bias");
  expect(values("qwen2")["qwen2.attention.sliding_window"]).toBeUndefined();
  expect(values("mistral")["llama.attention.sliding_window"]).toBe(8);
  expect(values("starcoder2-sliding")["starcoder2.attention.sliding_window"]).toBe(8);
  expect(values("starcoder2")["starcoder2.attention.layer_norm_epsilon"]).toBe(Math.fround(1e-5));
  expect([...openGolden("starcoder2").tensors.keys()]).toContain("blk.0.ffn_up.bias");
  expect(values("llama-rope-linear")).toMatchObject({
    "llama.rope.scaling.type": "linear",
    "llama.rope.scaling.factor": 4,
  });
  expect(values("llama-rope-llama3")).toMatchObject({
    "llama.rope.scaling.type": "llama3",
    "llama.rope.scaling.factor": 8,
    "llama.rope.scaling.low_freq_factor": 1,
    "llama.rope.scaling.high_freq_factor": 4,
    "llama.rope.scaling.original_context_length": 256,
  });
});

test("gpt2's Conv1D weights are marked, their shape is GGUF's; the prefix may be missing", () => {
  const model = openGolden("gpt2");
  const qkv = model.tensors.get("blk.0.attn_qkv.weight")!;
  expect([qkv.shape, qkv.transposed]).toEqual([[144, 48], true]);
  expect(model.tensors.get("position_embd.weight")!.transposed).toBe(false);
  expect(model.metadata.number("gpt2.feed_forward_length")).toBe(192);
  expect(values("gpt2-bare-names")["gpt2.feed_forward_length"]).toBe(130);
  expect([...openGolden("gpt2-bare-names").tensors.keys()]).toEqual([...model.tensors.keys()]);
});

test("transformers 5's spelling of a configuration means the same", () => {
  for (const name of [
    "gpt2",
    "llama-rope-linear",
    "llama-rope-llama3",
    "mistral",
    "qwen2",
    "qwen3",
  ]) {
    const golden = readGoldenModel(name);
    expect(values(name, golden.configRecent)).toEqual(values(name));
  }
});

test("YaRN and windows of Qwen's are translated where every layer has them", () => {
  const rope_scaling = {
    rope_type: "yarn",
    factor: 4,
    original_max_position_embeddings: 32,
    beta_fast: 32,
  };
  expect(values("qwen2", { rope_scaling })).toMatchObject({
    "qwen2.rope.scaling.type": "yarn",
    "qwen2.rope.scaling.original_context_length": 32,
    "qwen2.rope.scaling.yarn_beta_fast": 32,
  });
  const all = values("qwen2", { use_sliding_window: true, max_window_layers: 0 });
  expect(all["qwen2.attention.sliding_window"]).toBe(8);
  const none = values("qwen2", { use_sliding_window: true, max_window_layers: 2 });
  expect(none["qwen2.attention.sliding_window"]).toBeUndefined();
});

const refused: [name: string, change: Record<string, unknown>, wanted: RegExp][] = [
  ["llama", { model_type: "t5" }, /model_type "t5" is not one of llama, mistral, qwen2/],
  ["llama", { model_type: undefined }, /model_type is missing/],
  ["llama", { quantization_config: { bits: 4 } }, /quantization_config/],
  ["llama", { hidden_size: 0 }, /hidden_size is 0 where a whole number from 1/],
  ["llama", { hidden_size: "64" }, /hidden_size is "64" where a whole number/],
  ["llama", { num_hidden_layers: 1e9 }, /num_hidden_layers is 1000000000 where .* to 10000/],
  ["llama", { num_attention_heads: 6, head_dim: null }, /num_attention_heads 6 does not divide 64/],
  ["llama", { num_key_value_heads: 3 }, /4 heads are no multiple of 3/],
  ["llama", { rms_norm_eps: 0 }, /rms_norm_eps is 0 where a number above zero/],
  ["llama", { hidden_act: "relu" }, /hidden_act "relu" is not supported/],
  ["llama", { partial_rotary_factor: 2 }, /partial_rotary_factor 2 is not supported/],
  ["llama", { rope_scaling: { type: "dynamic", factor: 2 } }, /rope_scaling type "dynamic" is not/],
  ["llama", { rope_scaling: "linear" }, /rope_scaling is not a JSON object/],
  [
    "llama-rope-llama3",
    { rope_scaling: { rope_type: "llama3" } },
    /rope_scaling.factor is missing/,
  ],
  [
    "llama-rope-llama3",
    {
      rope_scaling: {
        rope_type: "llama3",
        factor: 8,
        low_freq_factor: 4,
        high_freq_factor: 4,
        original_max_position_embeddings: 64,
      },
    },
    /high_freq_factor is not above/,
  ],
  ["llama-tied", { tie_word_embeddings: false }, /lm_head.weight is missing/],
  ["qwen2", { use_sliding_window: true, max_window_layers: 1 }, /max_window_layers 1 is not/],
  ["qwen2", { use_sliding_window: "yes" }, /use_sliding_window is "yes" where true or false/],
  ["gpt2", { n_head: 5 }, /n_head 5 does not divide 48/],
  ["gpt2", { scale_attn_by_inverse_layer_idx: true }, /scale_attn_by_inverse_layer_idx true/],
  ["gpt2", { scale_attn_weights: false }, /scale_attn_weights false/],
  ["gpt2", { activation_function: "relu" }, /activation_function "relu"/],
  ["starcoder2", { norm_type: "rms_norm" }, /norm_type "rms_norm"/],
];

for (const [name, change, wanted] of refused) {
  test(`refused: ${name} with ${JSON.stringify(change).slice(0, 60)}`, () => {
    expectRefusal(() => openGolden(name, change), wanted);
  });
}

/** A folder of one golden model whose tensors are changed by `change`. */
function withTensors(change: (names: string[]) => string[]): string {
  const golden = readGoldenModel("llama-tied");
  const tensors = goldenTensors(golden);
  const names = change(tensors.map(({ name }) => name));
  folder.write("config.json", JSON.stringify(golden.config));
  const renamed = tensors.map((tensor, i) => ({ ...tensor, name: names[i]! }));
  folder.write("model.safetensors", safetensorsBytes(renamed));
  return folder.path;
}

test("tensors that the family does not have are refused, buffers and tied copies passed over", () => {
  expectRefusal(
    () =>
      openModelFile(withTensors(([, ...names]) => ["model.layers.0.mlp.router.weight", ...names])),
    /tensor model.layers.0.mlp.router.weight is not one that llama has/,
  );
  expectRefusal(
    () => openModelFile(withTensors(([, ...names]) => ["constructor.weight", ...names])),
    /tensor constructor.weight is not one/,
  );
  const buffers = withTensors(([a, , , ...names]) => [
    a!,
    "lm_head.weight",
    "model.layers.0.self_attn.rotary_emb.inv_freq",
    ...names,
  ]);
  expect(openModelFile(buffers).tensors.has("output.weight")).toBe(false);
  expectRefusal(
    () => openModelFile(withTensors(([a, , ...names]) => [a!, a!.replace("model.", ""), ...names])),
    /embed_tokens.weight occurs twice, under two spellings/,
  );
});

test("a weight without dimensions is refused", () => {
  const header = { "model.norm.weight": { dtype: "F32", shape: [], data_offsets: [0, 4] } };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + 4);
  bytes[0] = json.length;
  bytes.set(json, 8);
  folder.write("config.json", JSON.stringify(readGoldenModel("llama").config));
  folder.write("model.safetensors", bytes);
  expectRefusal(() => openModelFile(folder.path), /model.norm.weight has 0 dimensions, not 1 to 4/);
});

test("types other than F32, F16 and BF16 are refused by name", () => {
  const header = { "model.norm.weight": { dtype: "F64", shape: [1], data_offsets: [0, 8] } };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + 8);
  bytes[0] = json.length;
  bytes.set(json, 8);
  folder.write("config.json", JSON.stringify(readGoldenModel("llama").config));
  folder.write("model.safetensors", bytes);
  expectRefusal(() => openModelFile(folder.path), /model.norm.weight has type F64; only F32/);
});

test("JSON files are bounded, parsed when asked for, and refused by name", () => {
  const golden = readGoldenModel("llama");
  writeModelFolder(golden, folder.path);
  expect(openModelFile(folder.path).tokenizerJson).toBeUndefined();
  folder.write("tokenizer.json", '{"version": "1.0"}');
  folder.write("chat_template.jinja", "{{ messages }}");
  const model = openModelFile(folder.path);
  expect(model.tokenizerJson).toEqual({ version: "1.0" });
  expect(model.tokenizerConfig).toEqual({ chat_template: "{{ messages }}" });
  expect(model.tokenizerConfig).toBe(model.tokenizerConfig);
  folder.write("special_tokens_map.json", '{"eos_token": "</s>", "pad_token": "<pad>"}');
  folder.write("tokenizer_config.json", '{"eos_token": "<|im_end|>"}');
  folder.write("generation_config.json", '{"eos_token_id": [2, 7]}');
  const complete = openModelFile(folder.path);
  expect(complete.tokenizerConfig).toEqual({
    eos_token: "<|im_end|>",
    pad_token: "<pad>",
    chat_template: "{{ messages }}",
  });
  expect(complete.endTokenIds).toEqual([2, 7]);
  folder.write("generation_config.json", '{"eos_token_id": [-1]}');
  const wrong = openModelFile(folder.path);
  expectRefusal(
    () => wrong.endTokenIds,
    /generation_config.json: eos_token_id is \[-1\] where a token/,
  );
  folder.write("tokenizer.json", "{");
  const broken = openModelFile(folder.path);
  expectRefusal(() => broken.tokenizerJson, /tokenizer.json: not valid JSON/);
  folder.write("tokenizer.json", Uint8Array.of(0xff));
  const wrongText = openModelFile(folder.path);
  expectRefusal(() => wrongText.tokenizerJson, /tokenizer.json: not valid UTF-8/);
  folder.write("config.json", "[]");
  expectRefusal(() => openModelFile(folder.path), /config.json: the file is not a JSON object/);
});

test("weights without a configuration are refused with what to do", () => {
  const path = folder.write("alone.safetensors", safetensorsBytes([]));
  const elsewhere = join(folder.path, "elsewhere");
  writeModelFolder(readGoldenModel("llama"), elsewhere);
  renameSync(path, join(elsewhere, "x.safetensors"));
  rmSync(join(elsewhere, "config.json"));
  expectRefusal(() => openModelFile(join(elsewhere, "x.safetensors")), /no config.json beside it/);
});
