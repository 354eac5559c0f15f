// The network's losses and gradients beside PyTorch's in float64, for each family of models: packed
// documents, padding, prompts and negative weights, grouped queries, tied and untied outputs.

import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { convert } from "../../src/formats/convert.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { headPermutation } from "../../src/formats/row-order.ts";
import { type CpuLevel, cpuLevel, cpuLevels, useCpuLevel } from "../../src/native/kernels.ts";
import { Network } from "../../src/training/network.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";
import { readGoldenModel, writeModelFolder } from "../golden/models/generate.ts";
import { batchOf, readGradients } from "../golden/training/golden.ts";

setDefaultTimeout(120_000);
const folder = temporaryFolder();
const best = cpuLevel();
const levels = cpuLevels.slice(0, cpuLevels.indexOf(best) + 1);
afterAll(() => useCpuLevel(best));

const names = [
  "llama",
  "llama-tied",
  "llama-head-20",
  "llama-rope-llama3",
  "mistral",
  "qwen2",
  "qwen3",
  "gpt2",
  "starcoder2",
];

/** Where the value at `index` of the file's tensor lies in the network's. */
function placeOf(file: ReturnType<typeof openModelFile>, network: Network, source: string) {
  const tensor = [...file.tensors.values()].find(({ sourceName }) => sourceName === source)!;
  const columns = tensor.shape[1] ?? 1;
  const { architecture, headDimension } = network.config;
  const permuted = architecture === "llama" && /attn_[qk]\./.test(tensor.name);
  const order = [...headPermutation(headDimension, "gguf")];
  return {
    name: tensor.name,
    index(at: number): number {
      if (tensor.transposed)
        return (at % tensor.shape[0]!) * columns + Math.floor(at / tensor.shape[0]!);
      if (!permuted) return at;
      const row = Math.floor(at / columns);
      const within = order.indexOf(row % headDimension);
      return (row - (row % headDimension) + within) * columns + (at % columns);
    },
  };
}

describe.each(names)("%s", (name) => {
  writeModelFolder(readGoldenModel(name), folder.file(name));
  const file = openModelFile(folder.file(name));
  const golden = readGradients(name);
  const batch = batchOf(golden.batch);

  test.each(levels)("losses and gradients are PyTorch's: %s", async (level: CpuLevel) => {
    useCpuLevel(level);
    const network = Network.open(file);
    const nll = await network.accumulate(batch, { scale: 1 });
    golden.nll.forEach((value, row) => {
      expect(nll[row]).toBeCloseTo(value, 4);
    });
    expect(network.parameters.count).toBe(
      [...file.tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0),
    );
    for (const { name: source, norm, at, gradient } of golden.tensors) {
      const place = placeOf(file, network, source);
      const values = network.parameters.get(place.name)!.gradient;
      expect(Math.abs(Math.hypot(...values) / norm - 1)).toBeLessThan(1e-4);
      at.forEach((index, i) => {
        const error = Math.abs(values[place.index(index)]! - gradient[i]!);
        expect(error, `${source}[${index}]`).toBeLessThan(
          1e-4 * Math.max(1, Math.abs(gradient[i]!)),
        );
      });
    }
    expect(await network.evaluate(batch)).toEqual(nll);
    await network.close();
  });

  test("a GGUF file of the model gives the same, and the order of rows in it is the network's", async () => {
    const path = folder.file(`${name}.gguf`);
    await convert(folder.file(name), path, { type: "F32" });
    const [own, other] = [Network.open(file), Network.open(openModelFile(path))];
    expect(await other.accumulate(batch, { scale: 1 })).toEqual(
      await own.accumulate(batch, { scale: 1 }),
    );
    for (const { name: weight, values, gradient } of own.parameters) {
      const same = other.parameters.get(weight)!;
      expect(same.values).toEqual(values);
      expect(same.gradient).toEqual(gradient);
    }
    await own.close();
    await other.close();
  });
});
