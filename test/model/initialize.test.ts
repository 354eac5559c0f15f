// A new model is written in the type that was asked for, or not at all.

import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { openModelFile } from "../../src/formats/model-file.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { Model } from "../../src/inference/model.ts";
import { initialize, parseNewModelConfig } from "../../src/model/initialize.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";

const folder = temporaryFolder();
const config = parseNewModelConfig("shape.json", {
  hidden: 64,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  headDimension: 32,
  feedForward: 128,
  vocabulary: 300,
  contextLength: 64,
});

test("matrices have the type asked for, in both formats", async () => {
  for (const name of ["new.gguf", "new.safetensors"]) {
    const options = { seed: 1, initialization: "kaiming", type: tensorTypes.BF16 } as const;
    await initialize(config, folder.file(name), options);
    const file = openModelFile(folder.file(name));
    expect(file.tensors.get("blk.0.ffn_up.weight")?.type.name).toBe("BF16");
  }
});

test("a file of the user's beside the output is left alone, and nothing is left behind", async () => {
  const options = { seed: 1, initialization: "kaiming", type: tensorTypes.F32 } as const;
  const mine = folder.file("made.partial.gguf");
  await Bun.write(mine, "mine");
  const before = readdirSync(folder.path);
  const controller = new AbortController();
  const onProgress = () => controller.abort();
  for (const output of [folder.file("made"), `${folder.file("made")}/`]) {
    const writing = initialize(config, output, {
      ...options,
      signal: controller.signal,
      onProgress,
    });
    await expect(writing).rejects.toThrow("interrupted");
    expect(readdirSync(folder.path)).toEqual(before);
  }
  await initialize(config, folder.file("made"), options);
  expect(openModelFile(folder.file("made")).tensors.size).toBe(11);
  expect(readdirSync(folder.path).filter((name) => !before.includes(name))).toEqual(["made"]);
  expect(await Bun.file(mine).text()).toBe("mine");
  const nowhere = initialize(config, folder.file("missing/made"), options);
  await expect(nowhere).rejects.toThrow("cannot write");
});

test("a type that safetensors files cannot hold is refused before anything is written", async () => {
  const before = readdirSync(folder.path);
  const options = { seed: 1, initialization: "kaiming", type: tensorTypes.Q4_0 } as const;
  for (const name of ["quantised.safetensors", "quantised"]) {
    const writing = initialize(config, folder.file(name), options);
    await expect(writing).rejects.toThrow("safetensors has no type Q4_0");
  }
  expect(readdirSync(folder.path)).toEqual(before);
});

test("a GPT-2-style model runs as it is read, in both formats alike", async () => {
  const shape = { ...config, architecture: "gpt2" as const, kvHeads: 2, feedForward: 256 };
  const options = { seed: 1, initialization: "xavier", type: tensorTypes.F32 } as const;
  const answers: number[][] = [];
  for (const name of ["gpt2.gguf", "gpt2"]) {
    await initialize(shape, folder.file(name), options);
    const model = await Model.open(folder.file(name));
    expect(model.config).toMatchObject({ architecture: "gpt2", norm: "layer", activation: "gelu" });
    const session = model.session();
    answers.push([...(await session.prefill([1, 2, 3]))]);
    session.close();
    await model.close();
  }
  expect(answers[0]!.every(Number.isFinite)).toBe(true);
  expect(answers[1]).toEqual(answers[0]!);
});

test("a GPT-2-style model of other sizes than GPT-2 has is refused", () => {
  const parse = (part: object) => () => parseNewModelConfig("s.json", { ...config, ...part });
  expect(parse({ architecture: "gpt2" })).toThrow(/as many kvHeads as heads/);
  expect(parse({ architecture: "gpt2", hidden: 96 })).toThrow(/hidden is heads times/);
  expect(parse({ architecture: "gpt3" })).toThrow(/architecture must be llama or gpt2/);
});

test("GPT-2's rule: normal values of 0.02, less where two products a layer add up", async () => {
  const wide = { ...config, hidden: 128, layers: 2 };
  const options = { seed: 1, initialization: "gpt2", type: tensorTypes.F32 } as const;
  await initialize(wide, folder.file("normal.gguf"), options);
  const file = openModelFile(folder.file("normal.gguf"));
  const reader = new TensorReader(file);
  const values = (name: string) =>
    new Float32Array(reader.read(file.tensors.get(name)!).buffer).map((value) => value / 0.02);
  for (const [name, expected] of [
    ["token_embd.weight", 1],
    ["blk.1.ffn_up.weight", 1],
    ["blk.1.ffn_down.weight", 0.5],
    ["blk.0.attn_output.weight", 0.5],
  ] as const) {
    const drawn = values(name);
    const moment = (power: number) =>
      drawn.reduce((sum, value) => sum + (value / expected) ** power, 0) / drawn.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.3);
  }
  reader.close();
});
