// Cromwell's side of the benchmark, a process of its own so that its peak of memory is one model's.
// usage: own.ts THREADS MODEL (as JSON); asks and answers are torch_peer.py's.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openModelFile } from "../../src/formats/model-file.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { initialize } from "../../src/model/initialize.ts";
import { useThreads } from "../../src/native/kernels.ts";
import type { Batch } from "../../src/training/batch.ts";
import { Network } from "../../src/training/network.ts";
import { createOptimizer, gradientNorm } from "../../src/training/optimizer/optimizer.ts";
import type { BenchModel } from "./models.ts";

useThreads(Number(process.argv[2]));
const model = JSON.parse(process.argv[3]!) as BenchModel;
const network = await opened();
const batch = randomBatch();
const rates = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
const optimizer = createOptimizer(network.parameters, { name: "adamw", ...rates });

async function opened(): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), "cromwell-train-"));
  try {
    const { sequences, ...config } = model;
    const options = { seed: 1, initialization: "xavier", type: tensorTypes.F32 } as const;
    await initialize(config, join(folder, "model.gguf"), options);
    return Network.open(openModelFile(join(folder, "model.gguf")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function randomBatch(): Batch {
  const { sequences, contextLength: length, vocabulary } = model;
  const rows = sequences * length;
  const random = () => Uint32Array.from({ length: rows }, () => Math.random() * vocabulary);
  return {
    sequences,
    length,
    inputs: random(),
    targets: random(),
    weights: new Float32Array(rows).fill(1),
    starts: new Uint32Array(rows),
    positions: Uint32Array.from({ length: rows }, (_, row) => row % length),
  };
}

async function step(): Promise<number> {
  network.parameters.clearGradients();
  const rows = batch.weights.length;
  const nll = await network.accumulate(batch, { scale: 1 / rows });
  const norm = gradientNorm(network.parameters);
  await optimizer.step({ learningRate: 3e-4, scale: Math.min(1, 1 / norm) });
  return nll.reduce((sum, value) => sum + value, 0) / rows;
}

console.log(JSON.stringify({ ready: true, parameters: network.parameters.count }));
for await (const line of console) {
  const { steps } = JSON.parse(line) as { steps: number };
  const start = performance.now();
  let loss = 0;
  for (let i = 0; i < steps; i++) loss = await step();
  const milliseconds = performance.now() - start;
  const bytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ milliseconds, bytes, loss }));
}
