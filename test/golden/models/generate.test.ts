// The golden logits are worth something only if these weights are the oracle's to the bit: every
// tensor's hash was taken in Python.

import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import {
  floatsFromBase64,
  type GoldenModel,
  goldenTensors,
  readGoldenModel,
  safetensorsBytes,
} from "./generate.ts";

const names = readdirSync(import.meta.dir)
  .filter((file) => file.endsWith(".json") && file !== "quantize.json")
  .map((file) => file.slice(0, -".json".length));

test.each(names)("%s has the oracle's weights", (name) => {
  const golden: GoldenModel = readGoldenModel(name);
  expect(golden.name).toBe(name);
  for (const [index, { values }] of goldenTensors(golden).entries()) {
    const { name: tensor, sha256 } = golden.tensors[index]!;
    const hash = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
    expect(`${tensor} ${hash}`).toBe(`${tensor} ${sha256}`);
  }
  const [positions, vocabulary] = golden.logits.shape;
  expect(positions).toBe(golden.inputIds.length);
  expect(floatsFromBase64(golden.logits.base64).length).toBe(positions * vocabulary);
});

test("the safetensors bytes hold header length, header and data", () => {
  const values = Float32Array.of(1.5, -2);
  const bytes = safetensorsBytes([{ name: "a.weight", shape: [1, 2], values }]);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
    __metadata__: { format: "pt" },
    "a.weight": { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] },
  });
  expect([...new Float32Array(bytes.slice(8 + length).buffer)]).toEqual([1.5, -2]);
});
