// Cromwell's side of a race of training steps: asked and answering as the peers do, one JSON object a line.

import type { Batch } from "../../src/training/batch.ts";
import type { Network } from "../../src/training/network.ts";
import { createOptimizer, gradientNorm } from "../../src/training/optimizer/optimizer.ts";

export function randomBatch(sequences: number, length: number, vocabulary: number): Batch {
  const rows = sequences * length;
  const random = () => Uint32Array.from({ length: rows }, () => Math.random() * vocabulary);
  return {
    ...{ sequences, length, inputs: random(), targets: random() },
    weights: new Float32Array(rows).fill(1),
    starts: new Uint32Array(rows),
    positions: Uint32Array.from({ length: rows }, (_, row) => row % length),
  };
}

/** Answers {"steps"} with what so many steps of AdamW on the batch took, until the input ends. */
export async function answerSteps(network: Network, batch: Batch): Promise<void> {
  const rates = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
  const optimizer = createOptimizer(network.parameters, { name: "adamw", ...rates });
  const rows = batch.weights.length;
  console.log(JSON.stringify({ ready: true, parameters: network.parameters.count }));
  for await (const line of console) {
    const { steps } = JSON.parse(line) as { steps: number };
    const start = performance.now();
    let loss = 0;
    for (let i = 0; i < steps; i++) {
      await network.parameters.clearGradients();
      const nll = await network.accumulate(batch, { scale: 1 / rows });
      const norm = gradientNorm(network.parameters);
      await optimizer.step({ learningRate: 3e-4, scale: Math.min(1, 1 / norm) });
      loss = nll.reduce((sum, value) => sum + value, 0) / rows;
    }
    const milliseconds = performance.now() - start;
    const bytes = process.resourceUsage().maxRSS * 1024;
    console.log(JSON.stringify({ milliseconds, bytes, loss }));
  }
}
