// A GPT-2 as it is published, names, masks, vocabulary files and all: the same tokens, the same logits and
// the same greedy text as transformers, from its folder and from a GGUF made of it.

import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { convert } from "../../src/formats/convert.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { generate } from "../../src/inference/generate.ts";
import { Model } from "../../src/inference/model.ts";
import { KvCache } from "../../src/model/cache.ts";
import { readConfig } from "../../src/model/config.ts";
import { Transformer } from "../../src/model/transformer.ts";
import { Weights } from "../../src/model/weights.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import {
  floatsFromBase64,
  goldenTensors,
  safetensorsBytes,
  type TensorRecipe,
} from "../golden/models/generate.ts";

interface Golden {
  name: string;
  config: Record<string, unknown> & { n_layer: number; n_positions: number };
  tensors: TensorRecipe[];
  files: Record<string, string>;
  texts: { text: string; ids: number[] }[];
  prompts: {
    text: string;
    ids: number[];
    logits: { shape: [number, number]; base64: string };
    greedyIds: number[];
    greedyText: string;
  }[];
}

const path = join(import.meta.dir, "../golden/gpt2/gpt2.json");
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;
const folder = temporaryFolder();

/** The folder as it would be downloaded, the masks of each layer among the weights. */
function published(name: string): string {
  const at = folder.file(name);
  mkdirSync(at);
  const { n_layer: layers, n_positions: positions } = golden.config;
  const masks = Array.from({ length: layers }, (_, layer) => ({
    name: `h.${layer}.attn.bias`,
    shape: [1, 1, positions, positions],
    values: new Float32Array(positions * positions).fill(1),
  }));
  const weights = safetensorsBytes([...goldenTensors(golden), ...masks]);
  writeFileSync(join(at, "model.safetensors"), weights);
  writeFileSync(join(at, "config.json"), JSON.stringify(golden.config));
  for (const [file, text] of Object.entries(golden.files)) writeFileSync(join(at, file), text);
  return at;
}

const model = published("gpt2");
const gguf = folder.file("gpt2.gguf");
await convert(model, gguf, { type: "F32" });

async function logitsOf(source: string, ids: readonly number[]): Promise<Float32Array> {
  const file = openModelFile(source);
  const config = readConfig(file);
  const weights = new Weights(file, config);
  const cache = new KvCache(config, 64, "f32");
  const transformer = new Transformer(config, weights, cache);
  const logits = new Float32Array(ids.length * config.vocabulary);
  await transformer.forward([...ids], {
    onLogits: (position, values) => logits.set(values, position * config.vocabulary),
  });
  transformer.close();
  cache.close();
  weights.close();
  return logits;
}

describe.each([
  ["its folder", model],
  ["a GGUF made of it", gguf],
])("from %s", (_, source) => {
  const tokenizer = Tokenizer.of(openModelFile(source));

  test("texts have the same ids, and ids give the texts", () => {
    for (const { text, ids } of golden.texts) {
      expect(tokenizer.encode(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(text);
    }
    expect([tokenizer.eos, tokenizer.addBos, [...tokenizer.stopIds]]).toEqual([0, false, [0]]);
    // Text never is a special token.
    expect(tokenizer.encode("<|endoftext|>").length).toBeGreaterThan(1);
  });

  test("logits are the same within 1e-4", async () => {
    for (const { ids, logits } of golden.prompts) {
      const expected = floatsFromBase64(logits.base64);
      const found = await logitsOf(source, ids);
      expect(found.length).toBe(expected.length);
      let largest = 0;
      for (const [at, value] of found.entries()) {
        largest = Math.max(largest, Math.abs(value - expected[at]!));
      }
      expect(largest).toBeLessThan(1e-4);
    }
  });

  test("the greedy text is the same", async () => {
    const opened = await Model.open(source, { cacheType: "f32" });
    for (const { text, greedyIds, greedyText } of golden.prompts) {
      const session = opened.session();
      const prompt = opened.tokenizer.encode(text);
      let made = "";
      const answer = generate(session, opened.tokenizer, prompt, { maxTokens: greedyIds.length });
      for await (const part of answer) made += part;
      expect(made).toBe(greedyText);
      session.close();
    }
    await opened.close();
  });
});

describe("vocabulary files", () => {
  test("of another class of tokenizer are not guessed at", () => {
    const other = published("other");
    const config = { tokenizer_class: "Qwen2Tokenizer" };
    writeFileSync(join(other, "tokenizer_config.json"), JSON.stringify(config));
    expect(() => Tokenizer.of(openModelFile(other))).toThrow("no tokenizer.json beside it");
  });

  test("that are missing are named", () => {
    const bare = published("bare");
    rmSync(join(bare, "merges.txt"));
    expect(() => Tokenizer.of(openModelFile(bare))).toThrow("no tokenizer.json beside it");
  });

  test("may add tokens, and a broken one is refused", () => {
    const more = published("more");
    writeFileSync(join(more, "added_tokens.json"), '{"<|pad|>": 400}');
    const tokenizer = Tokenizer.of(openModelFile(more));
    expect([tokenizer.size, tokenizer.isSpecial(400)]).toEqual([401, true]);
    writeFileSync(join(more, "added_tokens.json"), '{"<|pad|>": "x"}');
    expect(() => Tokenizer.of(openModelFile(more))).toThrow('the id of "<|pad|>" is no number');
    rmSync(join(more, "added_tokens.json"));
    writeFileSync(join(more, "merges.txt"), "a b c\n");
    expect(() => Tokenizer.of(openModelFile(more))).toThrow("merge 0 is not a pair of tokens");
  });
});
