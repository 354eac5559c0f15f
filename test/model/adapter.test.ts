// LoRA adapters beside tiny seeded models: logits of transformers with merged weights, from PEFT and
// GGUF adapters, over a safetensors and a GGUF base, with any scale.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "../../src/formats/convert.ts";
import type { AdapterSource } from "../../src/model/adapter.ts";
import { useThreads } from "../../src/native/kernels.ts";
import {
  type GoldenAdapter,
  readGoldenAdapter,
  writeAdapterFolder,
} from "../golden/adapters/golden.ts";
import {
  floatsFromBase64,
  goldenTensors,
  type NamedTensor,
  readGoldenModel,
  writeModelFolder,
} from "../golden/models/generate.ts";
import { withAdapters, writeTwin } from "./adapted-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-adapter-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Logits of every position [positions * vocabulary], read in pieces of `step` tokens. */
function logitsOf(path: string, ids: number[], sources: AdapterSource[], step = ids.length) {
  return withAdapters(path, sources, async (transformer) => {
    const width = transformer.config.vocabulary;
    const logits = new Float32Array(ids.length * width);
    for (let at = 0; at < ids.length; at += step) {
      await transformer.forward(ids.slice(at, at + step), {
        onLogits: (position, values) => logits.set(values, position * width),
      });
    }
    return logits;
  });
}

function worst(got: Float32Array, wanted: Float32Array): number {
  return got.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
}

const base = (golden: GoldenAdapter) => join(folder, golden.base);

describe.each(["lora-llama", "lora-qwen2"])("%s", (name) => {
  const golden = readGoldenAdapter(name);
  const ids = golden.inputIds;
  const whole = floatsFromBase64(golden.logits.base64);
  const half = floatsFromBase64(golden.logitsAtHalfScale.base64);
  const peft = join(folder, name);
  const twin = join(folder, `${name}.gguf`);
  const converted = join(folder, `${golden.base}.gguf`);

  beforeAll(async () => {
    writeModelFolder(readGoldenModel(golden.base), base(golden));
    await convert(base(golden), converted, {});
    writeAdapterFolder(golden, peft);
    await writeTwin(golden, base(golden), twin);
  });

  test("PEFT and GGUF adapters over both bases: within 1e-4 of merged weights", async () => {
    for (const model of [base(golden), converted]) {
      const [one, other] = [
        await logitsOf(model, ids, [{ path: peft, scale: 1 }]),
        await logitsOf(model, ids, [{ path: twin, scale: 1 }]),
      ];
      expect(worst(one, whole)).toBeLessThan(1e-4);
      expect(other).toEqual(one);
    }
  });

  test("the safetensors file alone stands for its folder", async () => {
    const path = join(peft, "adapter_model.safetensors");
    const logits = await logitsOf(converted, ids, [{ path, scale: 1 }]);
    expect(worst(logits, whole)).toBeLessThan(1e-4);
  });

  test("the user's scale: 0.5 of it, none of it, twice 0.5", async () => {
    const run = (...scales: number[]) =>
      logitsOf(
        converted,
        ids,
        scales.map((scale) => ({ path: peft, scale })),
      );
    expect(worst(await run(0.5), half)).toBeLessThan(1e-4);
    expect(worst(await run(0.5, 0.5), whole)).toBeLessThan(1e-4);
    expect(worst(await run(1, -0.5), half)).toBeLessThan(2e-4);
    expect(await run(0)).toEqual(await run());
    expect(worst(await run(), whole)).toBeGreaterThan(0.1);
  });

  test("the same bits token by token, in pieces, with any number of threads", async () => {
    const sources = [{ path: twin, scale: 1 }];
    const wanted = await logitsOf(converted, ids, sources);
    for (const threads of [1, 2, 3]) {
      useThreads(threads);
      for (const step of [1, 5]) {
        expect(await logitsOf(converted, ids, sources, step)).toEqual(wanted);
      }
    }
  });

  test("an adapter in F16 is used as it is", async () => {
    const tensors = goldenTensors(golden);
    const copy = join(folder, `${name}-f16`);
    cpSync(peft, copy, { recursive: true });
    writeFileSync(join(copy, "adapter_model.safetensors"), f16Bytes(tensors));
    const logits = await logitsOf(converted, ids, [{ path: copy, scale: 1 }]);
    // f16 rounds each weight by up to 2^-11 of it.
    expect(worst(logits, whole)).toBeLessThan(0.05);
    expect(worst(logits, whole)).toBeGreaterThan(1e-5);
  });

  test("knows its name, its rank and its targets", async () => {
    const sources = [
      { path: peft, scale: 2 },
      { path: twin, scale: 2, name: "edit" },
    ];
    await withAdapters(converted, sources, (_, [one, other]) => {
      expect([one!.name, other!.name]).toEqual([peft, "edit"]);
      const rank = golden.adapterConfig.r as number;
      const alpha = golden.adapterConfig.lora_alpha as number;
      for (const adapter of [one!, other!]) {
        expect(adapter.rank).toBe(rank);
        expect([...adapter.targets.keys()]).toContain("blk.1.attn_v");
        expect(adapter.targets.size).toBe(golden.tensors.length / 2);
        expect(adapter.targets.get("blk.0.attn_q")!.scale).toBeCloseTo((2 * alpha) / rank, 6);
      }
    });
  });
});

/** A safetensors file with the values rounded to F16. */
function f16Bytes(tensors: NamedTensor[]): Uint8Array {
  const bytes = tensors.map(({ values }) => new Uint8Array(new Float16Array(values).buffer));
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [i, { name, shape }] of tensors.entries()) {
    header[name] = { dtype: "F16", shape, data_offsets: [end, end + bytes[i]!.length] };
    end += bytes[i]!.length;
  }
  const json = JSON.stringify(header);
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8, " ");
  const length = new Uint8Array(new BigUint64Array([BigInt(padded.length)]).buffer);
  return Buffer.concat([length, Buffer.from(padded), ...bytes]);
}
