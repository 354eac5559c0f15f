// Adapters that would change a model's answers in a way that is not supported, or do not fit it, are
// refused with the file's name and what is wrong.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import { entry, type MetadataEntry } from "../../src/formats/metadata.ts";
import { readGoldenAdapter, writeAdapterFolder } from "../golden/adapters/golden.ts";
import {
  goldenTensors,
  type NamedTensor,
  readGoldenModel,
  safetensorsBytes,
  writeModelFolder,
} from "../golden/models/generate.ts";
import { withAdapters, writeTwin } from "./adapted-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-refused-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("refused, naming the file and what is wrong", () => {
  const golden = readGoldenAdapter("lora-llama");
  const model = join(folder, "llama-refusing");
  beforeAll(() => writeModelFolder(readGoldenModel("llama"), model));
  let made = 0;

  /** The error of loading a PEFT folder with these changes. */
  async function peftFailure(
    config: Record<string, unknown>,
    tensors: NamedTensor[] = goldenTensors(golden),
    onto = model,
  ): Promise<CromwellError> {
    const path = join(folder, `refused-${made++}`);
    writeAdapterFolder(golden, path);
    const changed = JSON.stringify({ ...golden.adapterConfig, ...config });
    writeFileSync(join(path, "adapter_config.json"), changed);
    writeFileSync(join(path, "adapter_model.safetensors"), safetensorsBytes(tensors));
    return failure(path, onto);
  }

  async function failure(path: string, onto = model): Promise<CromwellError> {
    const error = await withAdapters(onto, [{ path, scale: 1 }], () => undefined).catch((e) => e);
    expect(error).toBeInstanceOf(CromwellError);
    expect(error.code).toBe("model");
    expect(error.message).toContain(path);
    return error;
  }

  const target = "base_model.model.model.layers.0.self_attn.q_proj";

  test.each([
    ["use_rslora", { use_rslora: true }],
    ["use_dora", { use_dora: true }],
    ["modules_to_save", { modules_to_save: ["lm_head"] }],
    ["rank_pattern", { rank_pattern: { q_proj: 8 } }],
    ["alpha_pattern", { alpha_pattern: { q_proj: 8 } }],
    ["fan_in_fan_out", { fan_in_fan_out: true }],
    ['bias "all"', { bias: "all" }],
    ['peft_type "IA3"', { peft_type: "IA3" }],
  ])("%s", async (name, config) => {
    expect((await peftFailure(config)).message).toContain(`${name} is not supported`);
  });

  test("empty forms of the same options are nothing to refuse", async () => {
    const path = join(folder, "harmless");
    writeAdapterFolder(golden, path);
    const harmless = {
      modules_to_save: [],
      rank_pattern: {},
      alpha_pattern: {},
      use_rslora: false,
    };
    const config = JSON.stringify({ ...golden.adapterConfig, ...harmless });
    writeFileSync(join(path, "adapter_config.json"), config);
    const found = await withAdapters(model, [{ path, scale: 1 }], (_, [adapter]) => adapter!.rank);
    expect(found).toBe(4);
  });

  /** The golden tensors with one of them in another shape, filled with zeros. */
  const reshaped = (name: string, shape: number[]) =>
    goldenTensors(golden).map((tensor) =>
      tensor.name === name
        ? { name, shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }
        : tensor,
    );

  test("shapes that are not the model's", async () => {
    const wide = await peftFailure({}, reshaped(`${target}.lora_A.weight`, [4, 65]));
    expect(wide.message).toContain(
      "blk.0.attn_q is [64, 65] in the adapter and [64,64] in the model",
    );
    const high = await peftFailure({}, reshaped(`${target}.lora_B.weight`, [32, 4]));
    expect(high.message).toContain("blk.0.attn_q is [32, 64] in the adapter");
    const ranks = await peftFailure({}, reshaped(`${target}.lora_B.weight`, [64, 5]));
    expect(ranks.message).toContain("the ranks of blk.0.attn_q differ: A [4,64], B [64,5]");
    const flat = await peftFailure({}, reshaped(`${target}.lora_A.weight`, [256]));
    expect(flat.message).toContain("blk.0.attn_q");
  });

  test("half a pair, no pair, a tensor of another kind, a layer that is not there", async () => {
    const all = goldenTensors(golden);
    const half = await peftFailure({}, all.slice(1));
    expect(half.message).toContain("blk.0.attn_q has only one of A and B");
    expect((await peftFailure({}, [])).message).toContain("no LoRA tensors");
    const odd = { ...all[0]!, name: `${target}.lora_magnitude_vector` };
    expect((await peftFailure({}, [...all, odd])).message).toContain("lora_magnitude_vector");
    const beyond = all.map((tensor) => ({
      ...tensor,
      name: tensor.name.replace("layers.1.", "layers.9."),
    }));
    expect((await peftFailure({}, beyond)).message).toContain(
      "adapts blk.9.attn_q, which this model does not have",
    );
  });

  test("a GGUF adapter of another architecture, or none at all", async () => {
    const path = join(folder, "wrong.gguf");
    const write = async (metadata: Record<string, MetadataEntry>) => {
      rmSync(path, { force: true });
      await writeTwin(golden, model, path, metadata);
      return (await failure(path)).message;
    };
    expect(await write({ "general.architecture": entry.string("qwen2") })).toContain(
      "an adapter for qwen2 models, not for llama",
    );
    expect(await write({ "general.type": entry.string("model") })).toContain("not a LoRA adapter");
    expect(await write({ "adapter.type": entry.string("magic") })).toContain("not a LoRA adapter");
  });

  test("any adapter of a gpt2 model", async () => {
    const gpt2 = join(folder, "gpt2");
    writeModelFolder(readGoldenModel("gpt2"), gpt2);
    const path = join(folder, "lora-for-gpt2.gguf");
    await writeTwin(golden, model, path, { "general.architecture": entry.string("gpt2") });
    const error = await withAdapters(gpt2, [{ path, scale: 1 }], () => undefined).catch((e) => e);
    expect(error.message).toBe("adapters for gpt2 models are not supported");
  });
});
