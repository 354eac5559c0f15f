// Binding a file's tensors: what is missing or has another shape is refused by name, and the way a
// file lays its weights out (shards, odd addresses, element types) does not change what they are.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import { convert } from "../../src/formats/convert.ts";
import { openModelFile, type TensorInfo } from "../../src/formats/model-file.ts";
import type { FileType } from "../../src/formats/target-type.ts";
import { KvCache } from "../../src/model/cache.ts";
import { readConfig } from "../../src/model/config.ts";
import { Transformer } from "../../src/model/transformer.ts";
import { Weights } from "../../src/model/weights.ts";
import {
  goldenTensors,
  readGoldenModel,
  safetensorsBytes,
  writeModelFolder,
} from "../golden/models/generate.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));

const golden = readGoldenModel("llama");
const path = join(folder, "llama");
writeModelFolder(golden, path);

describe("refused", () => {
  /** The error of binding the model with its table of tensors changed. */
  function failure(change: (tensors: Map<string, TensorInfo>) => void, model = path) {
    const file = openModelFile(model);
    const config = readConfig(file);
    const tensors = new Map(file.tensors);
    change(tensors);
    try {
      new Weights({ ...file, tensors }, config).close();
    } catch (error) {
      expect(error).toBeInstanceOf(CromwellError);
      expect((error as CromwellError).code).toBe("model");
      return (error as CromwellError).message;
    }
    throw new Error("nothing was refused");
  }

  const names = [...openModelFile(path).tensors.keys()].filter((name) => name !== "output.weight");
  test.each(names)("%s: missing, or of another shape", (name) => {
    expect(failure((tensors) => tensors.delete(name))).toBe(`${path}: tensor ${name} is missing`);
    const { shape } = openModelFile(path).tensors.get(name)!;
    for (const wrong of [[...shape, 1], shape.map((length) => length + 1), [7, 7, 7]]) {
      const message = failure((tensors) => {
        tensors.set(name, { ...tensors.get(name)!, shape: wrong });
      });
      expect(message).toContain(`tensor ${name} has shape [${wrong}] where the metadata asks for`);
      expect(message).toContain(`[${shape}]`);
    }
  });

  test("learned positions that are not the context's", () => {
    const gpt2 = join(folder, "gpt2");
    writeModelFolder(readGoldenModel("gpt2"), gpt2);
    const message = failure((tensors) => tensors.delete("position_embd.weight"), gpt2);
    expect(message).toContain("position_embd.weight is missing");
    const bias = failure((tensors) => tensors.delete("output_norm.bias"), gpt2);
    expect(bias).toContain("output_norm.bias is missing");
  });

  test("RoPE divisors of another number", () => {
    const message = failure((tensors) => {
      const norm = tensors.get("output_norm.weight")!;
      tensors.set("rope_freqs.weight", { ...norm, name: "rope_freqs.weight" });
    });
    expect(message).toContain("rope_freqs.weight has shape [64]");
  });
});

/** The logits after `ids`, in one forward pass. */
async function logitsOf(model: string, ids = golden.inputIds): Promise<Float32Array<ArrayBuffer>> {
  const file = openModelFile(model);
  const config = readConfig(file);
  const weights = new Weights(file, config);
  const cache = new KvCache(config, 64, "f32");
  const transformer = new Transformer(config, weights, cache);
  const logits = (await transformer.forward(ids)).slice();
  transformer.close();
  cache.close();
  weights.close();
  return logits;
}

describe("the same weights", () => {
  test("at addresses that are no multiple of 4", async () => {
    const wanted = await logitsOf(path);
    for (const extra of [1, 2, 3]) {
      const odd = join(folder, `odd-${extra}`);
      writeModelFolder(golden, odd);
      const bytes = safetensorsBytes(goldenTensors(golden));
      const view = new DataView(bytes.buffer);
      const length = Number(view.getBigUint64(0, true));
      const longer = new Uint8Array(bytes.length + extra).fill(0x20);
      longer.set(bytes.subarray(0, 8 + length));
      longer.set(bytes.subarray(8 + length), 8 + length + extra);
      new DataView(longer.buffer).setBigUint64(0, BigInt(length + extra), true);
      writeFileSync(join(odd, "model.safetensors"), longer);
      expect(await logitsOf(odd)).toEqual(wanted);
    }
  });

  test("in two files with an index", async () => {
    const sharded = join(folder, "sharded");
    mkdirSync(sharded);
    const tensors = goldenTensors(golden);
    const half = Math.floor(tensors.length / 2);
    const files = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    const parts = [tensors.slice(0, half), tensors.slice(half)];
    const weightMap: Record<string, string> = {};
    parts.forEach((part, i) => {
      writeFileSync(join(sharded, files[i]!), safetensorsBytes(part));
      for (const { name } of part) weightMap[name] = files[i]!;
    });
    const index = JSON.stringify({ metadata: {}, weight_map: weightMap });
    writeFileSync(join(sharded, "model.safetensors.index.json"), index);
    writeFileSync(join(sharded, "config.json"), JSON.stringify(golden.config));
    expect(await logitsOf(sharded)).toEqual(await logitsOf(path));
  });

  test.each(["llama", "llama-head-20", "qwen2", "qwen3", "gpt2", "starcoder2"])(
    "of %s in GGUF, and in F16, BF16 and Q8_0 within their rounding",
    async (name) => {
      const model = readGoldenModel(name);
      const source = join(folder, `${name}-source`);
      writeModelFolder(model, source);
      const wanted = await logitsOf(source, model.inputIds);
      const spread = Math.max(...wanted) - Math.min(...wanted);
      const bounds: [FileType, number][] = [
        ["F32", 1e-5],
        ["F16", 0.01],
        ["BF16", 0.05],
        ["Q8_0", 0.1],
      ];
      for (const [type, bound] of bounds) {
        for (const extension of [".gguf", ""]) {
          if (type === "Q8_0" && extension === "") continue;
          const copy = join(folder, `${name}-${type}${extension}`);
          await convert(source, copy, { type });
          const logits = await logitsOf(copy, model.inputIds);
          const worst = logits.reduce((most, x, i) => Math.max(most, Math.abs(x - wanted[i]!)), 0);
          expect([copy, worst < bound * spread]).toEqual([copy, true]);
        }
      }
    },
  );
});
