// How long a vocabulary takes to be ready, and how fast it encodes and decodes source code on one thread.
// Run: bun bench/tokenizer/encode.ts MODEL.gguf TEXT

import { readFileSync } from "node:fs";
import { openModelFile } from "../../src/formats/model-file.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";

const [modelPath, textPath] = process.argv.slice(2);
if (modelPath === undefined || textPath === undefined) {
  throw new Error("usage: encode.ts MODEL.gguf TEXT");
}
const { metadata } = openModelFile(modelPath);
const text = readFileSync(textPath, "utf8");
const megabytes = Buffer.byteLength(text) / 1e6;

const before = performance.now();
const tokenizer = Tokenizer.fromMetadata(metadata);
const ready = performance.now();
tokenizer.encode("def fibonacci(n):\n");
const first = performance.now();
console.log(
  `ready ${(ready - before).toFixed(1)} ms, first words ${(first - ready).toFixed(1)} ms`,
);

for (let round = 1; round <= 5; round++) {
  const start = performance.now();
  const ids = tokenizer.encodeToArray(text);
  const encoded = performance.now();
  const length = tokenizer.decodeBytes(ids).length;
  const decoded = performance.now();
  const speed = (from: number, to: number) => (megabytes / ((to - from) / 1000)).toFixed(1);
  console.log(
    `round ${round}: ${ids.length} tokens, encode ${speed(start, encoded)} MB/s, ` +
      `decode ${speed(encoded, decoded)} MB/s (${length} bytes)`,
  );
}
