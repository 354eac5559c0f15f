// Cromwell's side of the benchmark.
// usage: own.ts THREADS MODEL.gguf f32|bf16

import { openModelFile } from "../../src/formats/model-file.ts";
import { useThreads } from "../../src/native/kernels.ts";
import { Network } from "../../src/training/network.ts";
import { answerSteps, randomBatch } from "../peers/own-steps.ts";
import { length, sequences } from "./batch.ts";

useThreads(Number(process.argv[2]));
const targets = (name: string) => /\.(attn_[qkv]|attn_output|ffn_\w+)\.weight$/.test(name);
const network = Network.open(openModelFile(process.argv[3]!), {
  lowRank: { rank: 16, alpha: 32, targets, seed: 1 },
  basePrecision: process.argv[4] === "bf16" ? "bf16" : "f32",
});
await answerSteps(network, randomBatch(sequences, length, network.config.vocabulary));
