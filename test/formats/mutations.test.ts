// Seeded damage to real files: whatever the bytes say, opening a model gives a model or a one-line
// refusal, quickly, and without memory that the file's size does not justify.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { CromwellError } from "../../src/errors.ts";
import { exportTokenizer } from "../../src/formats/hugging-face/tokenizer-export.ts";
import { translateTokenizer } from "../../src/formats/hugging-face/tokenizer-import.ts";
import { readJsonFile } from "../../src/formats/json-file.ts";
import { Metadata } from "../../src/formats/metadata.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { testData } from "../data.ts";
import { goldenTensors, readGoldenModel, safetensorsBytes } from "../golden/models/generate.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const mutations = 500;

/** A small generator with a fixed seed (mulberry32): the same damage in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const interesting = [0, 1, 2, 7, 8, 9, 0x22, 0x2c, 0x5b, 0x7b, 0x7f, 0x80, 0xff];

/** One to eight bytes changed, a run overwritten, a piece cut out or doubled, or the end cut off. */
function mutate(original: Uint8Array, headerBytes: number, pick: (below: number) => number) {
  const bytes = new Uint8Array(original);
  const at = pick(headerBytes);
  switch (pick(6)) {
    case 0:
      return bytes.subarray(0, pick(bytes.length));
    case 1:
      return bytes.fill(interesting[pick(interesting.length)]!, at, at + 1 + pick(16));
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + pick(32))]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at + 1 + pick(32)), bytes.subarray(at)]);
    default:
      for (let i = pick(8); i >= 0; i--) {
        const value = pick(2) === 0 ? pick(256) : interesting[pick(interesting.length)]!;
        bytes[pick(headerBytes)] = value;
      }
      return bytes;
  }
}

function expectSurvival(name: string, original: Uint8Array, headerBytes: number): void {
  const pick = random(20_261_121);
  let refused = 0;
  for (let i = 0; i < mutations; i++) {
    const path = folder.write(name, mutate(original, headerBytes, pick));
    const before = performance.now();
    try {
      const model = openModelFile(path);
      for (const tensor of model.tensors.values()) {
        const size = model.files[tensor.file]!.size;
        expect(tensor.offset + tensor.byteLength).toBeLessThanOrEqual(size);
      }
    } catch (error) {
      if (!(error instanceof CromwellError)) throw error;
      expect(error.message).toContain(path.slice(0, path.lastIndexOf("/")));
      refused += 1;
    }
    expect(performance.now() - before).toBeLessThan(2000);
  }
  expect(refused).toBeGreaterThan(mutations / 4);
}

function residentBytes(): number {
  Bun.gc(true);
  return process.memoryUsage().rss;
}

const stories = testData("stories/stories260K.gguf");
const vocabulary = testData("tokenizers/ggml-vocab-llama-spm.gguf");

test.skipIf(stories === undefined)("500 mutations of stories260K", () => {
  const before = residentBytes();
  expectSurvival("stories.gguf", readFileSync(stories!), 14_176);
  expect(residentBytes() - before).toBeLessThan(300 << 20);
});

test.skipIf(vocabulary === undefined)("500 mutations of a vocabulary", () => {
  const bytes = readFileSync(vocabulary!);
  expectSurvival("vocabulary.gguf", bytes, bytes.length);
});

test("500 mutations of a safetensors header", () => {
  const golden = readGoldenModel("qwen2");
  const bytes = safetensorsBytes(goldenTensors(golden));
  const header = 8 + new DataView(bytes.buffer).getUint32(0, true);
  folder.write("config.json", JSON.stringify(golden.config));
  expectSurvival("model.safetensors", bytes, header);
});

test("500 mutations of config.json", () => {
  const golden = readGoldenModel("llama-rope-llama3");
  const text = new TextEncoder().encode(JSON.stringify(golden.config));
  const pick = random(7);
  folder.write("model.safetensors", safetensorsBytes(goldenTensors(golden)));
  for (let i = 0; i < mutations; i++) {
    folder.write("config.json", mutate(text, text.length, pick));
    try {
      openModelFile(folder.path);
    } catch (error) {
      if (!(error instanceof CromwellError)) throw error;
    }
  }
});

test.skipIf(stories === undefined)("500 mutations of tokenizer.json", () => {
  const files = exportTokenizer(openModelFile(stories!).metadata)!;
  const text = new TextEncoder().encode(JSON.stringify(files.tokenizerJson));
  const pick = random(11);
  let refused = 0;
  for (let i = 0; i < mutations; i++) {
    const path = folder.write("tokenizer.json", mutate(text, text.length, pick));
    try {
      const metadata = new Metadata(path);
      translateTokenizer(path, metadata, 512, readJsonFile(path), files.tokenizerConfig);
    } catch (error) {
      if (!(error instanceof CromwellError)) throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(mutations / 4);
});

test("a huge count in a large file allocates nothing", () => {
  const golden = new Uint8Array(64 << 20);
  golden.set(new TextEncoder().encode("GGUF"));
  const view = new DataView(golden.buffer);
  view.setUint32(4, 3, true);
  view.setUint32(8, 262_000, true);
  view.setUint32(16, 65_000, true);
  const path = folder.write("large.gguf", golden);
  const before = residentBytes();
  expect(() => openModelFile(path)).toThrow("metadata key 0 is empty");
  expect(residentBytes() - before).toBeLessThan(64 << 20);
});
