// Parts of a model that train alone: their gradients are those that they have when all of it trains,
// whatever is frozen above, below or beside them.

import { expect, test } from "bun:test";
import { openModelFile } from "../../../src/formats/model-file.ts";
import { readConfig } from "../../../src/model/config.ts";
import { openNetwork } from "../../../src/training/finetune/adaptation.ts";
import { completeSettings } from "../../../src/training/finetune/settings.ts";
import { parseTrains, trainedNames } from "../../../src/training/finetune/trained-names.ts";
import { Network } from "../../../src/training/network.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";
import { readGoldenModel, writeModelFolder } from "../../golden/models/generate.ts";
import { batchOf, readGradients } from "../../golden/training/golden.ts";

const folder = temporaryFolder();

async function gradients(path: string, name: string, trains: (name: string) => boolean) {
  const network = Network.open(openModelFile(path), { trains });
  await network.parameters.clearGradients();
  await network.accumulate(batchOf(readGradients(name).batch), { scale: 1 });
  const found = new Map(Array.from(network.parameters, (one) => [one.name, one.gradient.slice()]));
  network.close();
  return found;
}

const models = ["llama", "llama-tied", "qwen2", "gpt2", "starcoder2"];
const parts = [
  "head",
  "last:1",
  "token_embd.weight",
  "position_embd.weight",
  "blk.0.attn_norm.weight",
];

test.each(models.flatMap((name) => parts.map((part) => [name, part] as const)))(
  "%s: %s",
  async (name, part) => {
    const path = folder.file(name);
    writeModelFolder(readGoldenModel(name), path);
    const whole = await gradients(path, name, () => true);
    if (part.endsWith(".weight") && !whole.has(part)) return;
    const output = whole.has("output.weight") ? "output.weight" : "token_embd.weight";
    const trains = part.endsWith(".weight")
      ? (weight: string) => weight === part
      : trainedNames(parseTrains(part), readConfig(openModelFile(path)), output);
    const alone = await gradients(path, name, trains);
    expect(alone.size).toBeGreaterThan(0);
    for (const [weight, gradient] of alone) {
      const wanted = whole.get(weight)!;
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (let i = 0; i < wanted.length; i++) {
        if (Math.abs(gradient[i]! - wanted[i]!) > 1e-5 * largest) {
          throw new Error(`${weight}[${i}] is ${gradient[i]}, not ${wanted[i]}`);
        }
      }
    }
  },
);

test("adapters beside GPT-2's weights are refused", async () => {
  const path = folder.file("gpt2-adapters");
  writeModelFolder(readGoldenModel("gpt2"), path);
  const settings = completeSettings({ task: "lora", model: path, data: "x.json" });
  await expect(openNetwork({ base: openModelFile(path), settings })).rejects.toThrow(
    "adapters for gpt2 models are not supported",
  );
});
