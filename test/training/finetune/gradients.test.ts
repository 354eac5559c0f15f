// The gradients of LoRA adapters and of direct preference optimisation are those of peft and PyTorch.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openAdapterFile } from "../../../src/formats/adapter-file.ts";
import { convert } from "../../../src/formats/convert.ts";
import { openModelFile } from "../../../src/formats/model-file.ts";
import { headPermutation, permuteHeads } from "../../../src/formats/row-order.ts";
import { TensorReader } from "../../../src/formats/tensor-reader.ts";
import { dequantize } from "../../../src/native/kernels.ts";
import { type Sequence, stack } from "../../../src/training/examples/sequence.ts";
import { marginsOf, PreferenceSource } from "../../../src/training/finetune/preference-source.ts";
import { parseTargets } from "../../../src/training/finetune/trained-names.ts";
import { Network } from "../../../src/training/network.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";
import { readGoldenAdapter, writeAdapterFolder } from "../../golden/adapters/golden.ts";
import { readGoldenFinetuning } from "../../golden/finetune/golden.ts";
import { readGoldenModel, writeModelFolder } from "../../golden/models/generate.ts";

setDefaultTimeout(120_000);
const folder = temporaryFolder();
const golden = readGoldenFinetuning();
const adapter = readGoldenAdapter(golden.adapter);
const [base, peft] = [folder.file("base"), folder.file("adapter")];
let network: Network;

/** The golden adapter's values in the order of rows that a network has: GGUF's. */
function adapterValues(): Map<string, Float32Array> {
  const file = openAdapterFile(peft, "llama");
  const reader = new TensorReader({ files: [{ path: file.tensorPath, size: file.size }] });
  const values = new Map<string, Float32Array>();
  for (const { target, a, b } of file.pairs) {
    const floats = (tensor: typeof a) =>
      dequantize(tensor.type, reader.read(tensor), tensor.shape[0]! * tensor.shape[1]!);
    values.set(`${target}.weight.lora_a`, floats(a));
    values.set(`${target}.weight.lora_b`, permuted(target, floats(b), b.shape[1]!, "gguf"));
  }
  reader.close();
  return values;
}

function permuted(target: string, b: Float32Array, rank: number, to: "gguf" | "huggingface") {
  if (!/attn_[qk]$/.test(target)) return b;
  const order = headPermutation(network.config.headDimension, to);
  const bytes = new Uint8Array(b.buffer, b.byteOffset, b.byteLength);
  return new Float32Array(permuteHeads(bytes, rank * 4, order).buffer);
}

/** The largest difference to the golden gradients, beside each tensor's norm. */
function worstGradient(tensors: typeof golden.lora.tensors): number {
  const file = openAdapterFile(peft, "llama");
  const names = new Map<string, string>();
  for (const { target, a, b } of file.pairs) {
    names.set(a.sourceName, `${target}.weight.lora_a`);
    names.set(b.sourceName, `${target}.weight.lora_b`);
  }
  let worst = 0;
  for (const { name, norm, at, gradient } of tensors) {
    const own = names.get(name)!;
    const parameter = network.parameters.get(own)!;
    const target = own.slice(0, -".weight.lora_b".length);
    const values = own.endsWith("_b")
      ? permuted(target, parameter.gradient, parameter.shape[1]!, "huggingface")
      : parameter.gradient;
    for (const [i, wanted] of gradient.entries()) {
      worst = Math.max(worst, Math.abs(values[at[i]!]! - wanted) / norm);
    }
  }
  return worst;
}

function answer(ids: readonly number[], promptLength: number): Sequence {
  return {
    inputs: Uint32Array.from(ids.slice(0, -1)),
    targets: Uint32Array.from(ids.slice(1)),
    weights: Float32Array.from(ids.slice(1), (_, at) => (at >= promptLength - 1 ? 1 : 0)),
  };
}

beforeAll(async () => {
  writeModelFolder(readGoldenModel(adapter.base), base);
  writeAdapterFolder(adapter, peft);
  await convert(base, folder.file("base.gguf"), {});
});

afterAll(() => network?.close());

describe.each(["base", "base.gguf"])("over %s", (name) => {
  beforeAll(async () => {
    await network?.close();
    const { r: rank, lora_alpha: alpha } = adapter.adapterConfig as {
      r: number;
      lora_alpha: number;
    };
    const lowRank = { rank, alpha, targets: parseTargets("all"), seed: 0 };
    network = Network.open(openModelFile(folder.file(name)), { lowRank });
    for (const [own, values] of adapterValues()) network.parameters.get(own)!.values.set(values);
  });

  test("LoRA's gradients are peft's", async () => {
    const chosen = golden.pairs.map((pair) => answer(pair.chosen, pair.promptLength));
    await network.parameters.clearGradients();
    const nll = await network.accumulate(stack(chosen), { scale: 1 });
    const sum = nll.reduce((total, value) => total + value, 0);
    expect(Math.abs(sum / golden.lora.nll - 1)).toBeLessThan(1e-5);
    expect(worstGradient(golden.lora.tensors)).toBeLessThan(1e-4);
  });

  test("the loss and the gradients of preferences are PyTorch's", async () => {
    const items = golden.pairs.map((pair) => ({
      item: [answer(pair.chosen, pair.promptLength), answer(pair.rejected, pair.promptLength)],
      referenceMargin: pair.referenceMargin,
    }));
    const { beta, loss, tensors } = golden.preference;
    // In two passes: the step's gradient is that of all its pairs.
    const options = { beta, seed: 1, stepTokens: 1000, passTokens: 60 };
    const source = new PreferenceSource(network, items, options);
    expect(source.steps(1)).toBe(1);
    const batches = await source.next();
    expect(batches.length).toBeGreaterThan(1);
    expect(Math.abs(source.loss() / loss - 1)).toBeLessThan(1e-4);
    await network.parameters.clearGradients();
    for (const batch of batches) await network.accumulate(batch, { scale: 1 });
    expect(worstGradient(tensors)).toBeLessThan(1e-4);
    const margins = await marginsOf(network, stack(items.flatMap(({ item }) => item)));
    for (const [i, { margin }] of golden.pairs.entries()) {
      expect(Math.abs(margins[i]! - margin)).toBeLessThan(1e-3);
    }
  });

  test("the reference's margins are those of the adapters' beginning", async () => {
    const lowRank = { rank: 2, alpha: 4, targets: parseTargets("attention"), seed: 0 };
    const bare = Network.open(openModelFile(folder.file(name)), { lowRank });
    const pairs = golden.pairs.flatMap((pair) => [
      answer(pair.chosen, pair.promptLength),
      answer(pair.rejected, pair.promptLength),
    ]);
    const margins = await marginsOf(bare, stack(pairs));
    await bare.close();
    for (const [i, { referenceMargin }] of golden.pairs.entries()) {
      expect(Math.abs(margins[i]! - referenceMargin)).toBeLessThan(1e-3);
    }
  });
});
