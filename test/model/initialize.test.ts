// A new model is written in the type that was asked for, or not at all.

import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { openModelFile } from "../../src/formats/model-file.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
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
