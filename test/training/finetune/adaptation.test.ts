// What a task's settings make of a model.

import { expect, test } from "bun:test";
import { openModelFile } from "../../../src/formats/model-file.ts";
import { openNetwork } from "../../../src/training/finetune/adaptation.ts";
import { completeSettings } from "../../../src/training/finetune/settings.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";
import { tinyBatch } from "../tiny-network.ts";
import { writeTinyModel } from "./tiny.ts";

const folder = temporaryFolder();

test("dropout of adapters is that of their own inputs, with the seed of a pass", async () => {
  const path = folder.file("tiny.gguf");
  await writeTinyModel(path);
  const batch = tinyBatch(1, [[9], [5, 4]], 9, 100);
  const losses = async (dropout: number) => {
    const settings = completeSettings({ task: "lora", model: path, data: "rows.jsonl", dropout });
    const network = openNetwork(openModelFile(path), settings);
    for (const { name, values } of network.parameters) {
      if (!name.endsWith(".lora_b")) continue;
      for (let i = 0; i < values.length; i++) values[i] = Math.sin(i) / 10;
    }
    const pass = (seed: number) =>
      network.accumulate(batch, { scale: 1, dropout: { rate: 0, seed } });
    const found = [await pass(1), await pass(1), await pass(2)];
    await network.close();
    return found;
  };
  const [first, again, other] = await losses(0.5);
  expect(again).toEqual(first!);
  expect(other).not.toEqual(first!);
  const [whole, , same] = await losses(0);
  expect(same).toEqual(whole!);
});
