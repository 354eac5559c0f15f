// A tiny seeded model of each family against transformers: with a cache, in batches of any size,
// token by token; the same bits for every split and every number of threads.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "../../src/formats/convert.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { KvCache } from "../../src/model/cache.ts";
import { readConfig } from "../../src/model/config.ts";
import { frequencies } from "../../src/model/rope.ts";
import { Transformer } from "../../src/model/transformer.ts";
import { Weights } from "../../src/model/weights.ts";
import {
  type CpuLevel,
  cpuLevel,
  cpuLevels,
  useCpuLevel,
  useThreads,
} from "../../src/native/kernels.ts";
import { floatsFromBase64, readGoldenModel, writeModelFolder } from "../golden/models/generate.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-golden-"));
const best = cpuLevel();
const levels = cpuLevels.slice(0, cpuLevels.indexOf(best) + 1);
afterAll(() => {
  rmSync(folder, { recursive: true });
  useCpuLevel(best);
});

/** Logits of every position, [positions * vocabulary], reading `ids` in pieces of these lengths. */
async function logitsOf(path: string, ids: number[], pieces: number[]): Promise<Float32Array> {
  const file = openModelFile(path);
  const config = readConfig(file);
  const weights = new Weights(file, config);
  const cache = new KvCache(config, 64, "f32");
  const transformer = new Transformer(config, weights, cache);
  const logits = new Float32Array(ids.length * config.vocabulary);
  let at = 0;
  for (const length of pieces) {
    const piece = ids.slice(at, at + length);
    await transformer.forward(piece, {
      onLogits: (position, values) => logits.set(values, position * config.vocabulary),
    });
    at += length;
  }
  transformer.close();
  cache.close();
  weights.close();
  return logits;
}

const ropeOf = (path: string) => readConfig(openModelFile(path)).rope!;

/** Radians per position of each pair, as the forward pass has them. */
function anglesOf(path: string): Float64Array {
  const file = openModelFile(path);
  const config = readConfig(file);
  const weights = new Weights(file, config);
  const angles = frequencies(config.rope!, weights.ropeDivisors);
  weights.close();
  return angles;
}

const names = [
  "llama",
  "llama-tied",
  "llama-head-20",
  "llama-rope-llama3",
  "llama-rope-linear",
  "mistral",
  "qwen2",
  "qwen3",
  "gpt2",
  "gpt2-bare-names",
  "starcoder2",
  "starcoder2-sliding",
];

test("Llama 3's scaling gives the same bits from safetensors and from the GGUF made of it", async () => {
  const llama = readGoldenModel("llama-rope-llama3");
  const qwen = readGoldenModel("qwen2");
  const { rope_scaling } = llama.config as { rope_scaling: object };
  const scaled = { rope_scaling: { ...rope_scaling, original_max_position_embeddings: 32 } };
  for (const [name, golden, config] of [
    ["scaled", llama, llama.config],
    ["scaled-qwen", qwen, { ...qwen.config, ...scaled }],
  ] as const) {
    const [path, gguf] = [join(folder, name), join(folder, `${name}.gguf`)];
    writeModelFolder(golden, path, config);
    await convert(path, gguf, {});
    const angles = anglesOf(path);
    expect(anglesOf(gguf)).toEqual(angles);
    expect(angles).not.toEqual(frequencies({ ...ropeOf(path), divisors: undefined }));
    // GGUF orders the rows of llama's heads otherwise, so only Qwen's sums are in the same order.
    if (golden === llama) continue;
    const [ids, whole] = [golden.inputIds, [golden.inputIds.length]];
    expect(await logitsOf(gguf, ids, whole)).toEqual(await logitsOf(path, ids, whole));
  }
});

describe.each(names)("%s", (name) => {
  const golden = readGoldenModel(name);
  const path = join(folder, name);
  writeModelFolder(golden, path);
  const ids = golden.inputIds;
  const wanted = floatsFromBase64(golden.logits.base64);

  test.each(levels)("logits within 1e-4 of transformers on %s", async (level: CpuLevel) => {
    useCpuLevel(level);
    useThreads(1);
    const whole = await logitsOf(path, ids, [ids.length]);
    let worst = 0;
    for (let i = 0; i < wanted.length; i++) {
      worst = Math.max(worst, Math.abs(whole[i]! - wanted[i]!));
    }
    expect(worst).toBeLessThan(1e-4);
    for (const threads of [1, 2, 3]) {
      useThreads(threads);
      for (const pieces of [ids.map(() => 1), [5, 1, 11, ids.length - 17], [ids.length]]) {
        expect(await logitsOf(path, ids, pieces)).toEqual(whole);
      }
    }
  });
});
