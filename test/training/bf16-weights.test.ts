// Adapters over a base in bf16: gradients near those over f32, the same bits for any number of threads, on
// every CPU level, and products that are the same however many rows a call has.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { openModelFile } from "../../src/formats/model-file.ts";
import { cpuLevel, cpuLevels, threads, useCpuLevel, useThreads } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bf16Pack, bf16Size } from "../../src/native/training-kernels.ts";
import { multiplyBf16 } from "../../src/training/multiply.ts";
import { Network, type NetworkOptions } from "../../src/training/network.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";
import { random, workspace } from "../kernels/machine.ts";
import { tinyBatch, writeTinyModel } from "./tiny-network.ts";

const folder = temporaryFolder();
const space = workspace(1 << 24);
const [count, best] = [threads(), cpuLevel()];
afterAll(() => {
  useThreads(count);
  useCpuLevel(best);
});

const shape = {
  architecture: "llama",
  ...{ layers: 3, heads: 6, kvHeads: 2, headDimension: 16, hidden: 96, feedForward: 200 },
  ...{ vocabulary: 700, tied: true },
} as const;
const lowRank = { rank: 4, alpha: 8, targets: (name: string) => name.startsWith("blk."), seed: 3 };
const batch = tinyBatch(2, [[20, 30], [64], [10], [33, 31], [64], [60]], 64, shape.vocabulary);

beforeAll(() => writeTinyModel(folder.file("base.gguf"), shape, 2));

interface Pass {
  readonly nll: Float32Array;
  readonly gradients: Float32Array[];
}

async function pass(basePrecision: NetworkOptions["basePrecision"]): Promise<Pass> {
  const options = { lowRank, basePrecision };
  const network = Network.open(openModelFile(folder.file("base.gguf")), options);
  for (const { name, values } of network.parameters) {
    if (name.endsWith("lora_b")) values.set(random(values.length, values.length, 0.1));
  }
  const nll = await network.accumulate(batch, { scale: 1 });
  // What was packed for the first pass serves the next one.
  expect(await network.evaluate(batch)).toEqual(nll);
  expect((await network.judge(batch)).nll).toEqual(nll);
  const gradients = Array.from(network.parameters, ({ gradient }) => gradient.slice());
  await network.close();
  return { nll, gradients };
}

/** |a - b| / |b| of each tensor, the largest. */
function difference(a: Pass, b: Pass): number {
  const norm = (values: Float32Array) => Math.hypot(...values);
  const one = (given: Float32Array, wanted: Float32Array) =>
    norm(given.map((x, i) => x - wanted[i]!)) / norm(wanted);
  return Math.max(one(a.nll, b.nll), ...a.gradients.map((x, i) => one(x, b.gradients[i]!)));
}

test("loss and gradients are those over f32 within bf16's rounding", async () => {
  const [exact, rounded] = [await pass("f32"), await pass("bf16")];
  expect(difference(rounded, exact)).toBeLessThan(0.04);
  expect(difference(rounded, exact)).toBeGreaterThan(1e-5);
});

test("the bits are the same for any number of threads", async () => {
  const passes: Pass[] = [];
  for (const threadCount of [1, 2, 3, 12]) {
    useThreads(threadCount);
    passes.push(await pass("bf16"));
  }
  for (const one of passes) expect(one).toEqual(passes[0]!);
});

test("a pass that was interrupted while it packed leaves the next one whole", async () => {
  const options = { lowRank, basePrecision: "bf16" } as const;
  const network = Network.open(openModelFile(folder.file("base.gguf")), options);
  const abort = new AbortController();
  const broken = network.evaluate(batch, { signal: abort.signal });
  queueMicrotask(() => abort.abort());
  await expect(broken).rejects.toThrow("interrupted");
  const nll = await network.evaluate(batch);
  await network.close();
  const other = Network.open(openModelFile(folder.file("base.gguf")), options);
  expect(nll).toEqual(await other.evaluate(batch));
  await other.close();
});

test("CPU levels with and without instructions for bf16 round the same numbers", async () => {
  const wanted = await pass("bf16");
  for (const level of cpuLevels.slice(0, cpuLevels.indexOf(best))) {
    useCpuLevel(level);
    expect(difference(await pass("bf16"), wanted)).toBeLessThan(0.01);
  }
  useCpuLevel(best);
});

test.each([
  [300, 70, 45],
  [70, 300, 46],
  [1, 200, 33],
])("%p x %p, %p deep: a product in parts has the bits of one", async (m, n, k) => {
  const [a, source] = [space.tensor(random(1, m * k)), space.tensor(random(2, n * k))];
  const b = space.arena.allocate(bf16Size(k, n));
  const matrix = { source: source.address, output: b, k, n, stride: n, transposed: 0 };
  bf16Pack(new StructArray("Bf16Matrix").fill(matrix));
  const results: Float32Array[] = [];
  for (const most of [1e12, (m * n * k) / 3, 1]) {
    const c = space.tensor(random(3, m * (n + 2)));
    const places = { a: a.address, b, c: c.address, a_stride: k, c_stride: n + 2 };
    await multiplyBf16(undefined, { ...places, accumulate: 1, m, n, k }, most);
    results.push(c.values.slice());
  }
  expect(results[1]).toEqual(results[0]!);
  expect(results[2]).toEqual(results[0]!);
});
