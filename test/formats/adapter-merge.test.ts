// Adapters written and merged: what is written loads again, in both formats and both orders of rows,
// and a merged model gives the logits of a model whose weights the oracle merged.

import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { openAdapterFile } from "../../src/formats/adapter-file.ts";
import {
  type AdapterContents,
  type LowRankValues,
  writeGgufAdapter,
  writePeftAdapter,
} from "../../src/formats/adapter-writer.ts";
import { convert } from "../../src/formats/convert.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { readConfig } from "../../src/model/config.ts";
import { dequantize } from "../../src/native/kernels.ts";
import { readGoldenAdapter, writeAdapterFolder } from "../golden/adapters/golden.ts";
import { floatsFromBase64, readGoldenModel, writeModelFolder } from "../golden/models/generate.ts";
import { withAdapters } from "../model/adapted-model.ts";
import { refusalOf } from "./expect-error.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

async function logitsOf(path: string, ids: number[], adapter?: string): Promise<Float32Array> {
  const sources = adapter === undefined ? [] : [{ path: adapter, scale: 1 }];
  return withAdapters(path, sources, async (transformer) => {
    const width = transformer.config.vocabulary;
    const logits = new Float32Array(ids.length * width);
    await transformer.forward(ids, {
      onLogits: (position, values) => logits.set(values, position * width),
    });
    return logits;
  });
}

function worst(got: Float32Array, wanted: Float32Array): number {
  return got.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
}

/** An adapter file's contents, as a training run would hold them. */
function contentsOf(path: string, model: string): AdapterContents {
  const { architecture, layers, headDimension } = readConfig(openModelFile(model));
  const file = openAdapterFile(path, architecture);
  const reader = new TensorReader({ files: [{ path: file.tensorPath, size: file.size }] });
  const pairs = file.pairs.map(({ target, a, b }): LowRankValues => {
    const floats = (tensor: typeof a) =>
      dequantize(tensor.type, reader.read(tensor), tensor.shape[0]! * tensor.shape[1]!);
    return { target, a: floats(a), b: floats(b) };
  });
  reader.close();
  const rank = file.pairs[0]!.a.shape[0]!;
  const alpha = file.scale(rank) * rank;
  return { architecture, layers, headDimension, rowOrder: file.rowOrder, rank, alpha, pairs };
}

describe.each(["lora-llama", "lora-qwen2"])("%s", (name) => {
  const golden = readGoldenAdapter(name);
  const ids = golden.inputIds;
  const wanted = floatsFromBase64(golden.logits.base64);
  const base = folder.file(golden.base);
  const converted = folder.file(`${golden.base}.gguf`);
  const peft = folder.file(name);

  beforeAll(async () => {
    writeModelFolder(readGoldenModel(golden.base), base);
    await convert(base, converted, {});
    writeAdapterFolder(golden, peft);
  });

  test("an adapter that is written loads again, from PEFT and from GGUF", async () => {
    const contents = contentsOf(peft, base);
    const [again, gguf] = [folder.file(`${name}-again`), folder.file(`${name}.gguf`)];
    await writePeftAdapter(again, contents);
    await writeGgufAdapter(gguf, contents);
    expect(worst(await logitsOf(base, ids, again), wanted)).toBeLessThan(1e-4);
    expect(contentsOf(again, base).pairs).toEqual([...contents.pairs]);
    // GGUF has it in F16: the same as a PEFT adapter of the rounded values.
    const rounded = contentsOf(gguf, base);
    expect([rounded.rowOrder, rounded.alpha]).toEqual(["gguf", contents.alpha]);
    await writePeftAdapter(again, rounded);
    const logits = await logitsOf(base, ids, again);
    expect(worst(await logitsOf(converted, ids, gguf), logits)).toBeLessThan(1e-4);
    expect(worst(logits, wanted)).toBeLessThan(1e-2);
  });

  test("merged into each format from each: within 1e-4 of the oracle's merge", async () => {
    for (const [index, input] of [base, converted].entries()) {
      for (const ending of ["", ".gguf"]) {
        const output = folder.file(`${name}-merged-${index}${ending}`);
        await convert(input, output, { adapters: [{ path: peft, scale: 1 }] });
        expect(worst(await logitsOf(output, ids), wanted)).toBeLessThan(1e-4);
      }
    }
    const half = folder.file(`${name}-half.gguf`);
    await convert(converted, half, { adapters: [{ path: peft, scale: 0.5 }] });
    const wantedHalf = floatsFromBase64(golden.logitsAtHalfScale.base64);
    expect(worst(await logitsOf(half, ids), wantedHalf)).toBeLessThan(1e-4);
  });

  test("a merge without effect leaves every byte but those of the types asked for", async () => {
    const [plain, merged] = [folder.file(`${name}-plain.gguf`), folder.file(`${name}-zero.gguf`)];
    await convert(converted, plain, { type: "Q8_0" });
    await convert(converted, merged, { type: "Q8_0", adapters: [{ path: peft, scale: 0 }] });
    expect(readFileSync(merged).equals(readFileSync(plain))).toBe(true);
  });
});

describe("an adapter of some layers", () => {
  const pair = (target: string, value: number): LowRankValues => ({
    target,
    a: new Float32Array(2 * 8).fill(value),
    b: new Float32Array(4 * 2).fill(value),
  });
  const contents = (...pairs: LowRankValues[]): AdapterContents => ({
    architecture: "llama",
    layers: 2,
    headDimension: 4,
    rowOrder: "gguf",
    rank: 2,
    alpha: 4,
    pairs,
  });
  const config = () => JSON.parse(readFileSync(folder.file("some/adapter_config.json"), "utf8"));

  test("is named layer by layer, one of all by the names of its matrices", async () => {
    await writePeftAdapter(folder.file("some"), contents(pair("blk.1.attn_q", 1)));
    expect(config().target_modules).toEqual(["model.layers.1.self_attn.q_proj"]);
    const all = contents(pair("blk.0.attn_q", 1), pair("blk.1.attn_q", 1));
    await writePeftAdapter(folder.file("some"), all);
    expect(config()).toMatchObject({ r: 2, lora_alpha: 4, target_modules: ["q_proj"] });
  });

  test("whose values F16 cannot hold stays F32", async () => {
    const path = folder.file("large.gguf");
    const large = contents(pair("blk.0.attn_q", 70_000), pair("blk.1.attn_q", 1));
    await writeGgufAdapter(path, large);
    const { pairs } = openAdapterFile(path, "llama");
    expect(pairs.map(({ b }) => b.type)).toEqual([tensorTypes.F32, tensorTypes.F16]);
  });
});

test("what cannot be merged is refused by name, and nothing is written", async () => {
  const base = folder.file("lora-llama-plain.gguf");
  const [adapter, output] = [folder.file("large.gguf"), folder.file("refused.gguf")];
  const refused = await refusalOf(
    convert(base, output, { adapters: [{ path: adapter, scale: 1 }] }),
  );
  expect(refused.message).toMatch(/large.gguf: blk.0.attn_q is \[4, 8\] in the adapter and \[/);
  expect(await Bun.file(output).exists()).toBe(false);
});
