// Cromwell's side of the benchmark, a process of its own so that its peak of memory is one model's.
// usage: own.ts THREADS MODEL (as JSON); asks and answers are torch_peer.py's.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openModelFile } from "../../src/formats/model-file.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { initialize } from "../../src/model/initialize.ts";
import { useThreads } from "../../src/native/kernels.ts";
import { Network } from "../../src/training/network.ts";
import { answerSteps, randomBatch } from "../peers/own-steps.ts";
import type { BenchModel } from "./models.ts";

useThreads(Number(process.argv[2]));
const model = JSON.parse(process.argv[3]!) as BenchModel;
const network = await opened();
const { sequences, contextLength, vocabulary } = model;
await answerSteps(network, randomBatch(sequences, contextLength, vocabulary));

async function opened(): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), "cromwell-train-"));
  try {
    const options = { seed: 1, initialization: "xavier", type: tensorTypes.F32 } as const;
    await initialize(model, join(folder, "model.gguf"), options);
    return Network.open(openModelFile(join(folder, "model.gguf")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
