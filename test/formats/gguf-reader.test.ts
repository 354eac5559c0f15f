// The GGUF reader on real files, and on hand-made hostile headers: one case for each check.

import { expect, test } from "bun:test";
import { readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import type { BooleanArray, NestedArray } from "../../src/formats/metadata.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { testData } from "../data.ts";
import { expectRefusal, refusal } from "./expect-error.ts";
import {
  join as bytes,
  f32,
  pair,
  type RawGguf,
  rawGguf,
  tensor,
  text,
  u8,
  u32,
  u64,
} from "./raw-gguf.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const vocabularies = testData("tokenizers");
const stories = testData("stories/stories260K.gguf");

function open(raw: RawGguf) {
  return openModelFile(folder.write("raw.gguf", rawGguf(raw)));
}

const sizes: Record<string, [tokens: number, merges: number]> = {
  "deepseek-coder": [32256, 31757],
  "gpt-2": [50257, 50000],
  "llama-bpe": [128256, 280147],
  "llama-spm": [32000, 0],
  "phi-3": [32064, 0],
  qwen2: [151936, 151387],
  starcoder: [49152, 48872],
};

test.skipIf(vocabularies === undefined)("real vocabularies open with every token and merge", () => {
  for (const [name, [tokens, merges]] of Object.entries(sizes)) {
    const { metadata } = openModelFile(join(vocabularies!, `ggml-vocab-${name}.gguf`));
    expect(metadata.strings("tokenizer.ggml.tokens")!.length).toBe(tokens);
    expect(metadata.numbers("tokenizer.ggml.token_type")!.length).toBe(tokens);
    expect(metadata.strings("tokenizer.ggml.merges")?.length ?? 0).toBe(merges);
  }
  const gpt2 = openModelFile(join(vocabularies!, "ggml-vocab-gpt-2.gguf")).metadata;
  expect(gpt2.strings("tokenizer.ggml.tokens")!.get(50256)).toBe("<|endoftext|>");
  expect(gpt2.strings("tokenizer.ggml.merges")!.get(0)).toBe("Ġ t");
});

test.skipIf(stories === undefined)("stories260K opens with its 48 tensors", () => {
  const model = openModelFile(stories!);
  expect([model.format, model.version, model.rowOrder]).toEqual(["gguf", "3", "gguf"]);
  expect(model.tensors.size).toBe(48);
  expect(model.metadata.number("llama.block_count")).toBe(5);
  const up = model.tensors.get("blk.4.ffn_up.weight")!;
  expect([up.type.name, up.shape, up.byteLength]).toEqual(["F32", [172, 64], 172 * 64 * 4]);
  const last = Math.max(...[...model.tensors.values()].map((t) => t.offset + t.byteLength));
  expect(last).toBeLessThanOrEqual(model.files[0]!.size);
});

test.skipIf(vocabularies === undefined)("files damaged in transit are refused in one line", () => {
  const damaged = join(vocabularies!, "malformed");
  for (const name of readdirSync(damaged)) {
    const error = refusal(() => openModelFile(join(damaged, name)));
    expect(error.code).toBe("model");
    expect(error.message).toStartWith(`${join(damaged, name)}: the length of metadata key`);
  }
});

test("every value type is read with its value", () => {
  const { metadata } = open({
    version: u32(2),
    pairs: [
      pair("u8", 0, u8(200)),
      pair("i8", 1, u8(200)),
      pair("u16", 2, bytes(u8(1), u8(2))),
      pair("i16", 3, bytes(u8(0), u8(0x80))),
      pair("u32", 4, u32(4_000_000_000)),
      pair("i32", 5, u32(0xffff_fffe)),
      pair("f32", 6, f32(0.5)),
      pair("bool", 7, u8(1)),
      pair("string", 8, text("käse")),
      pair("u64", 10, u64(2n ** 63n)),
      pair("i64", 11, u64(2n ** 64n - 5n)),
      pair("f64", 12, u64(0x4000_0000_0000_0000n)),
      pair("bools", 9, bytes(u32(7), u64(2), u8(0), u8(1))),
      pair("floats", 9, bytes(u32(6), u64(2), f32(1), f32(2))),
      pair("u64s", 9, bytes(u32(10), u64(1), u64(7))),
      pair("strings", 9, bytes(u32(8), u64(3), text("a"), text(""), text("ü"))),
      pair("nested", 9, bytes(u32(9), u64(1), u32(4), u64(1), u32(9))),
    ],
  });
  const scalars = ["u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "i64", "f64"];
  expect(scalars.map((key) => metadata.get(key))).toEqual([
    200,
    -56,
    513,
    -32768,
    4_000_000_000,
    -2,
    0.5,
    true,
    "käse",
    -5,
    2,
  ]);
  expect(metadata.get("u64")).toBe(2n ** 63n);
  expect((metadata.get("bools") as BooleanArray).get(1)).toBe(true);
  expect(metadata.numbers("floats")).toEqual(Float32Array.of(1, 2));
  expect(metadata.numbers("u64s")).toEqual(Float64Array.of(7));
  expect([...metadata.strings("strings")!]).toEqual(["a", "", "ü"]);
  expect((metadata.get("nested") as NestedArray).items[0]).toEqual(Uint32Array.of(9));
});

test("the alignment that the metadata set is used", () => {
  const model = open({
    alignment: 128,
    pairs: [pair("general.alignment", 4, u32(128))],
    tensors: [tensor("a.weight", [4], 0, 0), tensor("b.weight", [4], 0, 128)],
    data: 144,
  });
  expect(model.tensors.get("b.weight")!.offset % 128).toBe(0);
});

test("files that are no models are refused by what they are", () => {
  expectRefusal(() => openModelFile(folder.file("none.gguf")), /no such file/, "input");
  expectRefusal(() => openModelFile("/dev/null"), /not a regular file/, "input");
  expectRefusal(() => openModelFile(folder.write("empty.gguf", "")), /the file is empty/);
  expectRefusal(() => openModelFile(folder.write("short.gguf", "GGUF")), /not a GGUF file/);
  expectRefusal(() => openModelFile(folder.write("notes.txt", "GG")), /neither a GGUF file nor/);
  expectRefusal(() => openModelFile(folder.path), /no model.safetensors/);
});

test("a header of hundreds of megabytes is refused before it is read", () => {
  const path = folder.write("sparse.gguf", rawGguf({ pairs: [pair("a", 8, u64(300 << 20))] }));
  truncateSync(path, 400 << 20);
  expectRefusal(() => openModelFile(path), /the header is larger than 256 MiB/);
});

test("a GGUF file of another name opens all the same", () => {
  expect(openModelFile(folder.write("blob-1234", rawGguf({}))).format).toBe("gguf");
});

test("typed getters name the key and the file", () => {
  const wide = pair("wide", 9, bytes(u32(10), u64(1), u64(2n ** 60n)));
  const { metadata } = open({ pairs: [pair("a", 8, text("x")), pair("n", 4, u32(5)), wide] });
  expectRefusal(() => metadata.numbers("wide"), /wide holds a number beyond 2\^53/);
  expectRefusal(() => metadata.number("wide"), /wide is an array of 1 where a number/);
  expectRefusal(() => metadata.number("a"), /raw.gguf: metadata key a is "x" where a number/);
  expectRefusal(() => metadata.string("b"), /metadata key b is missing/);
  expectRefusal(() => metadata.boolean("n"), /metadata key n is 5 where true or false/);
  expectRefusal(() => metadata.strings("n"), /key n is 5 where an array of strings/);
  expectRefusal(() => metadata.numbers("a"), /key a is "x" where an array of numbers/);
  expectRefusal(() => metadata.integer("n", { maximum: 4 }), /a whole number from 0 to 4/);
  expect(metadata.integer("n")).toBe(5);
  expect([metadata.number("c", 1), metadata.string("c", "d"), metadata.boolean("c", true)]).toEqual(
    [1, "d", true],
  );
});
