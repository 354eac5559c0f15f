// Files made by the packages gguf and safetensors read as those packages read them, and the
// tokenizer.json files are those that Hugging Face's tokenizers were checked with.

import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { BooleanArray } from "../../src/formats/metadata.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { readSafetensorsHeader } from "../../src/formats/safetensors-header.ts";
import { StringArray } from "../../src/formats/string-array.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { testData } from "../data.ts";
import { exportedTokenizer } from "../golden/formats/export-tokenizers.ts";
import { temporaryFolder } from "./temporary-folder.ts";

interface GoldenTensor {
  name: string;
  type?: string;
  dtype?: string;
  shape: number[];
  sha256: string;
}

interface Golden {
  gguf: { metadata: Record<string, unknown>; tensors: GoldenTensor[] };
  safetensors: { metadata: Record<string, string>; tensors: GoldenTensor[] };
  tokenizers: Record<string, { tokenizerSha256: string }>;
}

const goldenFolder = join(import.meta.dir, "../golden/formats");
const golden = JSON.parse(readFileSync(join(goldenFolder, "formats.json"), "utf8")) as Golden;
const folder = temporaryFolder();
const vocabularies = testData("tokenizers");

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function plain(value: unknown): unknown {
  if (value instanceof StringArray) return [...value];
  if (value instanceof BooleanArray) return Array.from(value.bytes, (byte) => byte === 1);
  return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
}

test("a file of the gguf package: keys, shapes, data", () => {
  const model = openModelFile(join(goldenFolder, "tiny.gguf"));
  const entries = [...model.metadata.entries()].map(([key, { value }]) => [key, plain(value)]);
  expect(Object.fromEntries(entries)).toEqual(golden.gguf.metadata);
  const reader = new TensorReader(model);
  const tensors = [...model.tensors.values()].map((tensor) => ({
    name: tensor.name,
    type: tensor.type.name,
    shape: [...tensor.shape],
    sha256: sha256(reader.read(tensor)),
  }));
  reader.close();
  expect(tensors).toEqual(golden.gguf.tensors as typeof tensors);
});

test("written again, it has the same bytes", async () => {
  const model = openModelFile(join(goldenFolder, "tiny.gguf"));
  const reader = new TensorReader(model);
  const tensors = [...model.tensors.values()];
  const metadata = model.metadata.entries();
  await writeGguf(folder.file("again.gguf"), { metadata, tensors, data: (t) => [reader.read(t)] });
  reader.close();
  expect(readFileSync(folder.file("again.gguf"))).toEqual(
    readFileSync(join(goldenFolder, "tiny.gguf")),
  );
});

test("a file of the safetensors package: texts, shapes, data", () => {
  const path = join(goldenFolder, "tiny.safetensors");
  const header = readSafetensorsHeader(path);
  const bytes = readFileSync(path);
  expect(Object.fromEntries(header.metadata)).toEqual(golden.safetensors.metadata);
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const tensors = [...header.entries.values()].map(
    ({ name, dtype, shape, offset, byteLength }) => ({
      name,
      dtype,
      shape: [...shape],
      sha256: sha256(bytes.subarray(offset, offset + byteLength)),
    }),
  );
  expect(tensors.sort(byName)).toEqual(golden.safetensors.tensors.sort(byName) as typeof tensors);
});

test.skipIf(vocabularies === undefined)("tokenizer.json is what Hugging Face agreed with", () => {
  for (const [name, { tokenizerSha256 }] of Object.entries(golden.tokenizers)) {
    const { sha256 } = exportedTokenizer(join(vocabularies!, `${name}.gguf`));
    expect([name, sha256]).toEqual([name, tokenizerSha256]);
  }
});
