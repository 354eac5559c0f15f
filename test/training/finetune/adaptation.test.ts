// What a task's settings make of a model.

import { afterAll, expect, test } from "bun:test";
import { openModelFile } from "../../../src/formats/model-file.ts";
import { cpuLevel, cpuLevels, useCpuLevel } from "../../../src/native/kernels.ts";
import { hasNativeBf16 } from "../../../src/native/training-kernels.ts";
import { openNetwork } from "../../../src/training/finetune/adaptation.ts";
import { completeSettings } from "../../../src/training/finetune/settings.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";
import { tinyBatch } from "../tiny-network.ts";
import { writeTinyModel } from "./tiny.ts";

const folder = temporaryFolder();
const best = cpuLevel();
afterAll(() => useCpuLevel(best));

test("dropout of adapters is that of their own inputs, with the seed of a pass", async () => {
  const path = folder.file("tiny.gguf");
  await writeTinyModel(path);
  const batch = tinyBatch(1, [[9], [5, 4]], 9, 100);
  const losses = async (dropout: number) => {
    const settings = completeSettings({ task: "lora", model: path, data: "rows.jsonl", dropout });
    const network = await openNetwork({ base: openModelFile(path), settings });
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

test.each(cpuLevels.slice(0, cpuLevels.indexOf(best) + 1))(
  "on %s the base is in bf16 where that is asked for, or faster",
  async (level) => {
    useCpuLevel(level);
    const path = folder.file(`${level}.gguf`);
    await writeTinyModel(path);
    const base = openModelFile(path);
    const losses = async (precision?: string) => {
      const given = { task: "lora", model: path, data: "rows.jsonl" } as const;
      const settings = completeSettings({ ...given, base_precision: precision });
      const notices: string[] = [];
      const network = await openNetwork({ base, settings, onNotice: (line) => notices.push(line) });
      const nll = await network.evaluate(tinyBatch(1, [[9], [5, 4]], 9, 100));
      await network.close();
      return { nll, notices };
    };
    const [f32, bf16, byDefault] = [await losses("f32"), await losses("bf16"), await losses()];
    expect(bf16.nll).not.toEqual(f32.nll);
    expect(byDefault).toEqual({ nll: (hasNativeBf16() ? bf16 : f32).nll, notices: [] });
    const slow = ["this CPU has no instructions for bf16: the base takes as long as in f32"];
    expect([f32.notices, bf16.notices]).toEqual([[], hasNativeBf16() ? [] : slow]);
  },
);
