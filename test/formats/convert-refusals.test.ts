// What stops a conversion: an abort, an output that cannot be, a model that the other format cannot
// express. Nothing is left under the output's name.

import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { convert } from "../../src/formats/convert.ts";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry } from "../../src/formats/metadata.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { permutedHeads } from "../../src/formats/row-order.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { readGoldenModel, writeModelFolder } from "../golden/models/generate.ts";
import { refusalOf } from "./expect-error.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

function goldenFolder(name: string): string {
  const path = join(folder.path, name);
  writeModelFolder(readGoldenModel(name), path);
  return path;
}

test("an abort leaves no file and no folder", async () => {
  const source = goldenFolder("llama");
  for (const output of ["aborted.gguf", "aborted.safetensors", "aborted"]) {
    const abort = new AbortController();
    const onProgress = ({ index }: { index: number }) => index === 5 && abort.abort();
    const options = { signal: abort.signal, onProgress };
    const error = await refusalOf(convert(source, folder.file(output), options));
    expect(error.code).toBe("interrupted");
    expect(existsSync(folder.file(output))).toBe(false);
  }
  expect(readdirSync(folder.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("an output that would be the input, or that nothing can be, is refused", async () => {
  const source = goldenFolder("mistral");
  const cases: [output: string, type: "Q8_0" | undefined, wanted: RegExp][] = [
    [source, undefined, /is the input itself/],
    [join(source, "model.safetensors"), undefined, /is the input itself/],
    [folder.file("x.bin"), undefined, /cannot tell the format of .*x.bin/],
    [folder.file("x.safetensors"), "Q8_0", /safetensors has no type Q8_0/],
  ];
  for (const [output, type, wanted] of cases) {
    const error = await refusalOf(convert(source, output, { type }));
    expect([error.code, error.message]).toEqual(["usage", expect.stringMatching(wanted)]);
  }
  expect(readdirSync(source).sort()).toEqual(["config.json", "model.safetensors"]);
});

const metadata = [["general.architecture", entry.string("llama")]] as const;
const f32 = (name: string, shape: number[]) => ({ name, shape, type: tensorTypes.F32 });

test("what safetensors cannot express is refused by its name", async () => {
  const numbers: [string, number][] = [
    ["block_count", 1],
    ["context_length", 8],
    ["embedding_length", 4],
    ["feed_forward_length", 4],
    ["attention.head_count", 1],
  ];
  const keys = numbers.map(([key, value]) => [`llama.${key}`, entry.u32(value)] as const);
  const epsilon = ["llama.attention.layer_norm_rms_epsilon", entry.f32(1e-5)] as const;
  const complete = [...metadata, ...keys, epsilon];
  const embedding = f32("token_embd.weight", [2, 4]);
  const bias = f32("blk.0.attn_q.bias", [4]);
  const cases: [Parameters<typeof writeGguf>[1]["metadata"], (typeof embedding)[], RegExp][] = [
    [complete, [], /token_embd.weight is missing/],
    [metadata, [embedding], /llama.embedding_length is missing/],
    [
      [["general.architecture", entry.string("t5")]],
      [embedding],
      /architecture t5 is not one of llama/,
    ],
    [
      complete,
      [embedding, f32("blk.0.router.weight", [4])],
      /blk.0.router.weight has no name in Llama/,
    ],
    [complete, [embedding, bias], /biases on attn_q only/],
    [complete, [embedding, f32("rope_freqs.weight", [2])], /rope_freqs.weight is not a scaling/],
    [
      [...complete, ["llama.rope.dimension_count", entry.u32(2)]],
      [embedding],
      /rope.dimension_count/,
    ],
    [[...complete, ["llama.expert_count", entry.u32(8)]], [embedding], /mixtures of experts/],
    [
      [...complete, ["llama.attention.value_length", entry.u32(2)]],
      [embedding],
      /value_length differs from/,
    ],
    [
      [
        ...complete,
        ["llama.rope.scaling.type", entry.string("longrope")],
        ["llama.rope.scaling.factor", entry.f32(2)],
      ],
      [embedding],
      /RoPE scaling longrope/,
    ],
  ];
  for (const [entries, tensors, wanted] of cases) {
    const path = folder.file("odd.gguf");
    const data = ({ shape }: { shape: readonly number[] }) => [
      new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
    ];
    await writeGguf(path, { metadata: entries, tensors, data });
    const error = await refusalOf(convert(path, folder.file("odd"), {}));
    expect([error.code, error.message]).toEqual(["model", expect.stringMatching(wanted)]);
  }
  expect(existsSync(folder.file("odd"))).toBe(false);
});

test("heads of odd size and a file cut short while it is read are told", async () => {
  const path = folder.file("odd-heads.gguf");
  const heads = ["llama.attention.head_count", entry.u32(2)] as const;
  const plan = f32("blk.0.attn_q.weight", [6, 2]);
  await writeGguf(path, {
    metadata: [...metadata, heads],
    tensors: [plan],
    data: () => [new Uint8Array(48)],
  });
  const model = openModelFile(path);
  expect(() => permutedHeads(model, model.tensors.get(plan.name)!, "gguf")).toThrow(
    "6 rows of blk.0.attn_q.weight are not 2 heads of even size",
  );
  const reader = new TensorReader(model);
  await Bun.write(path, "short");
  expect(() => reader.read(model.tensors.get(plan.name)!)).toThrow("the file became shorter");
  expect(() => reader.read(model.tensors.get(plan.name)!, 40, 9)).toThrow("lie outside");
  reader.close();
  expect(() => new TensorReader({ files: [{ path: folder.file("none"), size: 1 }] })).toThrow(
    "cannot read the model: no such file or folder",
  );
});
