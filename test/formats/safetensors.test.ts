// The safetensors reader: round trips, hand-made hostile headers, shards and their index.

import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { openModelFile } from "../../src/formats/model-file.ts";
import { readSafetensorsHeader } from "../../src/formats/safetensors-header.ts";
import { writeSafetensors } from "../../src/formats/safetensors-writer.ts";
import type { TensorPlan } from "../../src/formats/tensor-plan.ts";
import { type TensorType, tensorTypes } from "../../src/formats/tensor-type.ts";
import { goldenTensors, readGoldenModel, safetensorsBytes } from "../golden/models/generate.ts";
import { expectRefusal, refusal, refusalOf } from "./expect-error.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

/** A file with this header and `dataBytes` of data; `length` overrides the header's length. */
function raw(header: unknown, dataBytes = 0, length?: number | bigint): string {
  const json = typeof header === "string" ? header : JSON.stringify(header);
  const encoded = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + encoded.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? encoded.length), true);
  bytes.set(encoded, 8);
  return folder.write("raw.safetensors", bytes);
}

const tensor = (shape: unknown, offsets: unknown, dtype: unknown = "F32") => ({
  dtype,
  shape,
  data_offsets: offsets,
});

test("what is written is read back", async () => {
  const path = folder.file("property.safetensors");
  const plans = fc.uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-zA-Z_][a-z0-9_."\\ü]{0,30}$/),
      shape: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      type: fc.constantFrom<TensorType>(tensorTypes.F32, tensorTypes.F16, tensorTypes.BF16),
    }),
    { selector: ({ name }) => name, maxLength: 8 },
  );
  const metadata = fc.dictionary(fc.string(), fc.string({ unit: "grapheme" }));
  await fc.assert(
    fc.asyncProperty(plans, metadata, async (tensors, texts) => {
      const size = ({ shape, type }: TensorPlan) => shape.reduce((a, b) => a * b, type.blockBytes);
      const data = (plan: TensorPlan) => [new Uint8Array(size(plan))];
      await writeSafetensors(path, { metadata: Object.entries(texts), tensors, data });
      const header = readSafetensorsHeader(path);
      expect(Object.fromEntries(header.metadata)).toEqual({ ...texts });
      expect(
        [...header.entries.values()].map(({ name, shape, dtype }) => [name, shape, dtype]),
      ).toEqual(tensors.map(({ name, shape, type }) => [name, shape, type.name]));
    }),
    { numRuns: 200 },
  );
});

test("types without a place in safetensors are refused", async () => {
  const tensors = [{ name: "a", shape: [32], type: tensorTypes.Q8_0 }];
  const error = await refusalOf(writeSafetensors(folder.file("q"), { tensors, data: () => [] }));
  expect(error.message).toMatch(/safetensors has no type Q8_0/);
});

const hostile: [what: string, path: () => string, wanted: RegExp][] = [
  ["an empty file", () => folder.write("raw.safetensors", ""), /the file is empty/],
  ["a few bytes", () => folder.write("raw.safetensors", "12345"), /too short for a header/],
  [
    "a header of 2^60 bytes",
    () => raw({}, 0, 2n ** 60n),
    /not a safetensors file \(a header of 11529/,
  ],
  ["a header of 0 bytes", () => raw({}, 0, 0), /a header of 0 bytes/],
  ["a header cut off", () => raw({}, 8, 1000), /a header of 1000 bytes in a file of/],
  ["no object", () => raw("[1, 2]"), /not a JSON object/],
  ["no JSON", () => raw('{"a": }'), /not valid JSON/],
  ["an endless string", () => raw('{"abc'), /not valid JSON/],
  ["a name that is no JSON", () => raw('{"\\x": 1}'), /not valid JSON/],
  ["deep nesting", () => raw(`{"a": ${"[".repeat(50_000)}`), /more than any model's tensor table/],
  ["a name twice", () => raw('{"a": 1, "a": 2}'), /tensor a occurs twice/],
  ["a name twice, escaped", () => raw('{"a": 1, "\\u0061": 2}'), /tensor a occurs twice/],
  ["a number for a tensor", () => raw({ a: 1 }), /tensor a is not described by an object/],
  [
    "an unknown type",
    () => raw({ a: tensor([1], [0, 4], "F31") }, 4),
    /type "F31", which is unknown/,
  ],
  ["a type of an object's", () => raw({ a: tensor([1], [0, 4], "constructor") }, 4), /is unknown/],
  ["a negative size", () => raw({ a: tensor([-1], [0, 4]) }, 4), /a shape that is not/],
  ["a size of 0.5", () => raw({ a: tensor([0.5], [0, 2]) }, 2), /a shape that is not/],
  ["a textual shape", () => raw({ a: tensor("1", [0, 4]) }, 4), /a shape that is not/],
  ["nine dimensions", () => raw({ a: tensor(Array(9).fill(1), [0, 4]) }, 4), /a shape that is not/],
  ["one offset", () => raw({ a: tensor([1], [0]) }, 4), /data_offsets that are not two/],
  ["offsets backwards", () => raw({ a: tensor([1], [4, 0]) }, 4), /4 bytes by its shape, -4 by/],
  ["another length", () => raw({ a: tensor([2], [0, 4]) }, 4), /8 bytes by its shape, 4 by/],
  ["an overflow", () => raw({ a: tensor([2 ** 50, 2 ** 50], [0, 4]) }, 4), /by its shape, 4 by/],
  ["data beyond the file", () => raw({ a: tensor([2], [0, 8]) }, 4), /is the download complete/],
  ["data behind the last", () => raw({ a: tensor([1], [0, 4]) }, 8), /is the download complete/],
  [
    "a hole",
    () => raw({ a: tensor([1], [4, 8]) }, 8),
    /bytes that belong to no tensor lie before a/,
  ],
  [
    "an overlap",
    () => raw({ a: tensor([2], [0, 8]), b: tensor([2], [4, 12]) }, 12),
    /tensor b overlaps another/,
  ],
  ["metadata that is no object", () => raw({ __metadata__: [] }), /__metadata__ is not an object/],
  ["metadata of numbers", () => raw({ __metadata__: { a: 1 } }), /__metadata__ a is not a string/],
];

for (const [what, path, wanted] of hostile) {
  test(`refused: ${what}`, () => {
    expectRefusal(() => readSafetensorsHeader(path()), wanted);
  });
}

test("a header that is not UTF-8 is refused", () => {
  const path = folder.write(
    "raw.safetensors",
    Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d),
  );
  expectRefusal(() => readSafetensorsHeader(path), /the header is not valid UTF-8/);
});

/** A folder with the golden model in two shards and an index, which `change` may alter. */
function shardedFolder(name: string, change: (map: Record<string, unknown>) => void = () => {}) {
  const golden = readGoldenModel("llama");
  const path = join(folder.path, name);
  mkdirSync(path, { recursive: true });
  const tensors = goldenTensors(golden);
  const half = tensors.length >> 1;
  const map: Record<string, unknown> = {};
  for (const [i, part] of [tensors.slice(0, half), tensors.slice(half)].entries()) {
    const shard = `model-0000${i + 1}-of-00002.safetensors`;
    writeFileSync(join(path, shard), safetensorsBytes(part));
    for (const { name } of part) map[name] = shard;
  }
  change(map);
  writeFileSync(join(path, "config.json"), JSON.stringify(golden.config));
  const index = { metadata: { total_size: 1 }, weight_map: map };
  writeFileSync(join(path, "model.safetensors.index.json"), JSON.stringify(index));
  return path;
}

test("a sharded model opens as a folder and by its index", () => {
  const path = shardedFolder("sharded");
  const model = openModelFile(path);
  expect([model.files.length, model.tensors.size]).toEqual([2, 21]);
  expect(model.tensors.get("output.weight")!.file).toBe(1);
  const byIndex = openModelFile(join(path, "model.safetensors.index.json"));
  expect([...byIndex.tensors.keys()]).toEqual([...model.tensors.keys()]);
});

const first = "model.embed_tokens.weight";
const indexes: [string, (map: Record<string, unknown>) => void, RegExp][] = [
  ["../", (map) => (map[first] = "../model.safetensors"), /said to be in "..\/model.safetensors"/],
  ["/etc", (map) => (map[first] = "/etc/x.safetensors"), /not a shard/],
  ["backslash", (map) => (map[first] = "..\\x.safetensors"), /not a shard/],
  ["a number", (map) => (map[first] = 7), /said to be in 7, not a shard/],
  ["another shard", (map) => (map[first] = "model-00002-of-00002.safetensors"), /the index denies/],
  ["a tensor too many", (map) => (map.x = "model-00002-of-00002.safetensors"), /22 tensors in the/],
  ["a tensor too few", (map) => delete map[first], /the index denies/],
];

for (const [what, change, wanted] of indexes) {
  test(`an index is refused: ${what}`, () => {
    expectRefusal(() => openModelFile(shardedFolder("hostile", change)), wanted);
  });
}

test("an index without its shards or its map is refused", () => {
  const missing = shardedFolder("missing", (map) => (map[first] = "gone.safetensors"));
  expect(refusal(() => openModelFile(missing)).message).toMatch(/cannot open .*gone.safetensors/);
  const path = folder.write("x.index.json", "{}");
  expectRefusal(() => openModelFile(path), /weight_map is missing/);
});
