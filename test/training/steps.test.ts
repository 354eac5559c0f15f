// Fifty steps of AdamW from the same weights and batches: the losses are PyTorch's, and every weight has
// the same bits whatever the number of threads.

import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openModelFile } from "../../src/formats/model-file.ts";
import { threads, useThreads } from "../../src/native/kernels.ts";
import type { Batch } from "../../src/training/batch.ts";
import { Network } from "../../src/training/network.ts";
import { createOptimizer, gradientNorm } from "../../src/training/optimizer/optimizer.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";
import { hashedIntegers, readGoldenModel, writeModelFolder } from "../golden/models/generate.ts";
import { readSteps } from "../golden/training/golden.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const before = threads();
afterAll(() => useThreads(before));

const { options, models } = readSteps();
const [sequences, length] = [4, 16];
const rows = sequences * length;

/** The batch of a step as make-gradients.py has it: one of four, over and over. */
function batchOf(name: string, step: number, vocabulary: number): Batch {
  const ids = (what: string) =>
    hashedIntegers(`${name}/${step % 4}/${what}`, rows).map((id) => id % vocabulary);
  return {
    ...{ sequences, length, inputs: ids("inputs"), targets: ids("targets") },
    weights: new Float32Array(rows).fill(1),
    starts: new Uint32Array(rows),
    positions: Uint32Array.from({ length: rows }, (_, row) => row % length),
  };
}

async function learn(name: string, steps: number, dropout?: number) {
  const network = Network.open(openModelFile(folder.file(name)));
  const optimizer = createOptimizer(network.parameters, { name: "adamw", ...options });
  const losses: number[] = [];
  const norms: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = batchOf(name, step, network.config.vocabulary);
    await network.parameters.clearGradients();
    const dropping = dropout === undefined ? undefined : { rate: dropout, seed: step };
    const nll = await network.accumulate(batch, { scale: 1 / rows, dropout: dropping });
    losses.push(nll.reduce((sum, value) => sum + value, 0) / rows);
    norms.push(gradientNorm(network.parameters));
    await optimizer.step({ learningRate: options.learningRate, scale: 1 });
  }
  const weights = [...network.parameters].map(({ values }) => values.slice());
  optimizer.close();
  network.close();
  return { losses, norms, weights };
}

describe.each(models)("$name", ({ name, losses: golden }) => {
  writeModelFolder(readGoldenModel(name), folder.file(name));

  test("losses of fifty steps are PyTorch's", async () => {
    const { losses } = await learn(name, golden.length);
    losses.forEach((loss, step) => {
      expect(Math.abs(loss - golden[step]!), `step ${step + 1}`).toBeLessThan(1e-3);
    });
  });

  test("1, 2 and 12 threads give the same bits, with dropout too", async () => {
    const runs = [];
    for (const count of [1, 2, 12]) {
      useThreads(count);
      runs.push(await learn(name, 3, 0.2));
    }
    useThreads(before);
    expect(runs[1]).toEqual(runs[0]!);
    expect(runs[2]).toEqual(runs[0]!);
  });
});
