// Conversion between the formats: there and back gives the same bits, rows and matrices change sides
// correctly, and whatever stops a conversion leaves nothing under the output's name.

import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { convert } from "../../src/formats/convert.ts";
import { convertedChunks } from "../../src/formats/element-conversion.ts";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { transpose } from "../../src/formats/row-order.ts";
import { readSafetensorsHeader } from "../../src/formats/safetensors-header.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { dequantize } from "../../src/native/kernels.ts";
import { testData } from "../data.ts";
import { goldenTensors, readGoldenModel, writeModelFolder } from "../golden/models/generate.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const stories = testData("stories/stories260K.gguf");

/** Every tensor's bytes by name. */
function contents(path: string): Map<string, Uint8Array> {
  const model = openModelFile(path);
  const reader = new TensorReader(model);
  const all = [...model.tensors.values()].map((t) => [t.name, reader.read(t)] as const);
  reader.close();
  return new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function goldenFolder(name: string): string {
  const path = join(folder.path, name);
  writeModelFolder(readGoldenModel(name), path);
  return path;
}

test.skipIf(stories === undefined)(
  "stories260K comes back bit for bit from safetensors",
  async () => {
    const progress: string[] = [];
    const onProgress = ({
      name,
      index,
      tensors,
    }: {
      name: string;
      index: number;
      tensors: number;
    }) => progress.push(`${index + 1}/${tensors} ${name}`);
    const made = await convert(stories!, folder.file("stories"), { onProgress });
    expect(made.files.map((path) => path.slice(folder.file("stories/").length)).sort()).toEqual([
      "config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect(progress[0]).toBe("1/48 model.embed_tokens.weight");
    expect(progress.length).toBe(48);
    await convert(folder.file("stories"), folder.file("back.gguf"), {});
    expect(contents(folder.file("back.gguf"))).toEqual(contents(stories!));
    const back = openModelFile(folder.file("back.gguf")).metadata;
    const original = openModelFile(stories!).metadata;
    for (const key of ["tokenizer.ggml.tokens"]) {
      expect([...back.strings(key)!]).toEqual([...original.strings(key)!]);
    }
    expect(back.numbers("tokenizer.ggml.token_type")).toEqual(
      original.numbers("tokenizer.ggml.token_type")!,
    );
  },
);

test.skipIf(stories === undefined)("a single safetensors file carries everything", async () => {
  const path = folder.file("stories.safetensors");
  await convert(stories!, path, {});
  const model = openModelFile(path);
  expect([...readSafetensorsHeader(path).metadata.keys()]).toEqual([
    "format",
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  expect(model.metadata.number("llama.block_count")).toBe(5);
  expect((model.tokenizerJson as { model: { type: string } }).model.type).toBe("BPE");
  await convert(path, folder.file("single.gguf"), {});
  expect(contents(folder.file("single.gguf"))).toEqual(contents(stories!));
});

const families = [
  "gpt2",
  "gpt2-bare-names",
  "llama",
  "llama-head-20",
  "llama-rope-linear",
  "llama-rope-llama3",
  "llama-tied",
  "mistral",
  "qwen2",
  "qwen3",
  "starcoder2",
  "starcoder2-sliding",
];

for (const name of families) {
  test(`${name}: safetensors to GGUF and back gives the same tensors and configuration`, async () => {
    const golden = readGoldenModel(name);
    const gguf = folder.file(`${name}.gguf`);
    const back = folder.file(`${name}-back`);
    await convert(goldenFolder(name), gguf, {});
    await convert(gguf, back, {});
    const header = readSafetensorsHeader(join(back, "model.safetensors"));
    const bytes = readFileSync(join(back, "model.safetensors"));
    const hashes = golden.tensors.map((recipe) => {
      const spelled = name === "gpt2-bare-names" ? `transformer.${recipe.name}` : recipe.name;
      const { offset, byteLength, shape } = header.entries.get(spelled)!;
      expect([...shape]).toEqual(recipe.shape);
      return createHash("sha256")
        .update(bytes.subarray(offset, offset + byteLength))
        .digest("hex");
    });
    expect(hashes).toEqual(golden.tensors.map(({ sha256 }) => sha256!));
    const metadata = (path: string) =>
      [...openModelFile(path).metadata.entries()]
        .filter(([key]) => key !== "general.name")
        .map(([key, { value }]) => [key, value]);
    expect(metadata(back)).toEqual(metadata(join(folder.path, name)));
  });
}

test("llama's query rows are those of llama.cpp's converter, gpt2's matrices are turned", async () => {
  await convert(goldenFolder("llama"), folder.file("rows.gguf"), {});
  const source = goldenTensors(readGoldenModel("llama")).find(({ name }) => {
    return name === "model.layers.1.self_attn.k_proj.weight";
  })!;
  const bytes = contents(folder.file("rows.gguf")).get("blk.1.attn_k.weight")!;
  const rows = new Float32Array(bytes.slice().buffer);
  // (heads, 2, 8, columns) with the middle axes swapped.
  for (let head = 0; head < 2; head++) {
    for (let half = 0; half < 2; half++) {
      for (let i = 0; i < 8; i++) {
        const from = (head * 16 + half * 8 + i) * 64;
        const to = (head * 16 + i * 2 + half) * 64;
        expect(rows.subarray(to, to + 64)).toEqual(source.values.slice(from, from + 64));
      }
    }
  }
  await convert(goldenFolder("gpt2"), folder.file("turned.gguf"), {});
  const model = openModelFile(folder.file("turned.gguf"));
  expect(model.tensors.get("blk.0.ffn_up.weight")!.shape).toEqual([192, 48]);
  const conv = goldenTensors(readGoldenModel("gpt2")).find(({ name }) => {
    return name === "transformer.h.0.mlp.c_fc.weight";
  })!;
  const turned = contents(folder.file("turned.gguf")).get("blk.0.ffn_up.weight")!;
  const values = new Float32Array(turned.slice().buffer);
  expect(values[5 * 48 + 7]).toBe(conv.values[7 * 192 + 5]!);
});

test("the end of text that only the configuration names reaches GGUF", async () => {
  const source = goldenFolder("gpt2");
  const vocab = Object.fromEntries(Array.from({ length: 96 }, (_, id) => [`t${id}`, id]));
  const tokenizer = {
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
    model: { type: "BPE", vocab, merges: [] },
  };
  await Bun.write(join(source, "tokenizer.json"), JSON.stringify(tokenizer));
  await convert(source, folder.file("end.gguf"), {});
  const { metadata } = openModelFile(folder.file("end.gguf"));
  expect(metadata.number("tokenizer.ggml.eos_token_id")).toBe(95);
  expect(metadata.string("tokenizer.ggml.pre")).toBe("gpt-2");
});

test("YaRN and windows over all layers come back", async () => {
  const golden = readGoldenModel("qwen2");
  const yarn = { rope_type: "yarn", factor: 4, original_max_position_embeddings: 32 };
  const source = join(folder.path, "qwen2-long");
  const window = { use_sliding_window: true, max_window_layers: 0 };
  writeModelFolder(golden, source, { ...golden.config, ...window, rope_scaling: yarn });
  await convert(source, folder.file("long.gguf"), {});
  await convert(folder.file("long.gguf"), folder.file("long"), {});
  const config = JSON.parse(readFileSync(folder.file("long/config.json"), "utf8"));
  expect(config).toMatchObject({ ...window, sliding_window: 8, rope_scaling: yarn });
});

test("Llama 3's RoPE scaling becomes the tensor that GGUF has for it", async () => {
  await convert(goldenFolder("llama-rope-llama3"), folder.file("llama3.gguf"), {});
  const model = openModelFile(folder.file("llama3.gguf"));
  expect(model.metadata.has("llama.rope.scaling.type")).toBe(false);
  const bytes = contents(folder.file("llama3.gguf")).get("rope_freqs.weight")!;
  const factors = new Float32Array(bytes.slice().buffer);
  expect([factors.length, factors[0], factors[7]]).toEqual([8, 1, 8]);
  expect(factors.some((factor) => factor > 1 && factor < 8)).toBe(true);
});

test("matrices get the type asked for, norms and biases stay F32", async () => {
  const source = goldenFolder("qwen2");
  await convert(source, folder.file("f16.gguf"), { type: "F16" });
  const model = openModelFile(folder.file("f16.gguf"));
  const types = [
    "token_embd.weight",
    "blk.0.attn_q.weight",
    "blk.0.attn_q.bias",
    "output_norm.weight",
  ];
  expect(types.map((name) => model.tensors.get(name)!.type.name)).toEqual([
    "F16",
    "F16",
    "F32",
    "F32",
  ]);
  expect(model.metadata.number("general.file_type")).toBe(1);
  await convert(folder.file("f16.gguf"), folder.file("bf16"), { type: "BF16" });
  const all = [...openModelFile(folder.file("bf16")).tensors.values()];
  expect(new Set(all.map(({ type }) => type.name))).toEqual(new Set(["BF16"]));
  const config = JSON.parse(readFileSync(folder.file("bf16/config.json"), "utf8"));
  expect(config.torch_dtype).toBe("bfloat16");
});

test("quantised tensors become F32 in safetensors, and safetensors changes its type", async () => {
  const source = goldenFolder("llama");
  await convert(source, folder.file("q8.gguf"), { type: "Q8_0" });
  await convert(folder.file("q8.gguf"), folder.file("q8-back"), {});
  const quantised = openModelFile(folder.file("q8.gguf")).tensors.get("blk.0.attn_v.weight")!;
  expect(quantised.type.name).toBe("Q8_0");
  const raw = contents(folder.file("q8.gguf")).get("blk.0.attn_v.weight")!;
  const restored = contents(folder.file("q8-back")).get("blk.0.attn_v.weight")!;
  expect(new Float32Array(restored.slice().buffer)).toEqual(
    Float32Array.from(dequantize(quantised.type, raw, 32 * 64)),
  );
  await convert(source, folder.file("half.safetensors"), { type: "F16" });
  const half = openModelFile(folder.file("half.safetensors"));
  expect(half.tensors.get("output.weight")!.type.name).toBe("F16");
  expect((half.configJson as { torch_dtype: string }).torch_dtype).toBe("float16");
});

test("without a type, GGUF to GGUF is a copy", async () => {
  const path = folder.file("copy-source.gguf");
  await convert(goldenFolder("llama"), path, { type: "Q4_1" });
  await convert(path, folder.file("copy.gguf"), {});
  expect(readFileSync(folder.file("copy.gguf"))).toEqual(readFileSync(path));
});

test("large tensors go through in pieces, in any order of rows", async () => {
  const path = folder.file("large.gguf");
  const [rows, columns] = [4096, 512];
  const values = Float32Array.from({ length: rows * columns }, (_, i) => (i % 4093) / 64);
  const plan = { name: "a", shape: [rows, columns], type: tensorTypes.F32 };
  await writeGguf(path, {
    metadata: [],
    tensors: [plan],
    data: () => [new Uint8Array(values.buffer)],
  });
  const model = openModelFile(path);
  const reader = new TensorReader(model);
  const info = model.tensors.get("a")!;
  const run = (conversion: Parameters<typeof convertedChunks>[2], tensor = info) => {
    const chunks = [...convertedChunks(reader, tensor, conversion)];
    expect(chunks.length).toBeGreaterThan(1);
    return new Float32Array(new Uint8Array(Buffer.concat(chunks)).buffer);
  };
  const type = tensorTypes.F32;
  expect(run({ type, transposed: false })).toEqual(values);
  const permuted = run({ type, transposed: false, permuted: { headSize: 64, to: "gguf" } });
  expect(permuted.subarray(512, 1024)).toEqual(values.subarray(32 * 512, 33 * 512));
  expect(permuted.subarray(4035 * 512, 4036 * 512)).toEqual(
    values.subarray((4032 + 33) * 512, (4032 + 34) * 512),
  );
  const turned = run({ type, transposed: true });
  expect(turned[3 * rows + 4000]).toBe(values[4000 * columns + 3]!);
  const stored = { ...info, transposed: true, shape: [columns, rows] };
  expect(run({ type, transposed: true }, stored)[3 * rows + 4000]).toBe(
    values[4000 * columns + 3]!,
  );
  reader.close();
});

test("a quantised matrix is turned after it is dequantised", async () => {
  const path = folder.file("turn.gguf");
  const plan = { name: "a", shape: [4, 32], type: tensorTypes.Q8_0 };
  const bytes = Uint8Array.from({ length: 4 * 34 }, (_, i) => (i % 34 < 2 ? 0x3c * (i % 2) : i));
  await writeGguf(path, { metadata: [], tensors: [plan], data: () => [bytes] });
  const model = openModelFile(path);
  const reader = new TensorReader(model);
  const conversion = { type: tensorTypes.F32, transposed: true };
  const turned = convertedChunks(reader, model.tensors.get("a")!, conversion).next().value;
  const straight = dequantize(tensorTypes.Q8_0, bytes, 128);
  expect(turned).toEqual(transpose(new Uint8Array(straight.buffer), 4, 32, 4));
  reader.close();
});
