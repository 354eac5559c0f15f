// node-llama-cpp as a peer, what a TypeScript user has today: loads a model once and times what it is
// asked, one JSON object a line, as llama_peer.py does. Single tokens are generated, the best each time.
// usage: node node_llama_peer.mjs FOLDER MODEL THREADS; in FOLDER, node-llama-cpp is installed

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, modelPath, threads] = process.argv.slice(2);
const require = createRequire(`${resolve(folder)}/`);
const { getLlama } = await import(pathToFileURL(require.resolve("node-llama-cpp")).href);
const llama = await getLlama({ gpu: false, logLevel: "error", maxThreads: Number(threads) });
const model = await llama.loadModel({ modelPath });
const settings = { contextSize: 4096, batchSize: 512, threads: Number(threads) };
const sequence = (await model.createContext(settings)).getSequence();

function ids(first, count) {
  return Array.from({ length: count }, (_, i) => ((first + i) * 7919) % 40_000);
}

async function generate(first, count) {
  let left = count;
  const options = { temperature: 0, yieldEogToken: true };
  for await (const _ of sequence.evaluate(ids(first, 1), options)) if (--left === 0) return;
}

async function time({ position, tokens, repeat }) {
  const end = sequence.nextTokenIndex;
  if (position < end) await sequence.eraseContextTokenRanges([{ start: position, end }]);
  const start = performance.now();
  if (tokens === 1) await generate(position, repeat);
  else {
    for (let i = 0; i < repeat; i++) {
      await sequence.evaluateWithoutGeneratingNewTokens(ids(position + i * tokens, tokens));
    }
  }
  return performance.now() - start;
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ milliseconds: await time(JSON.parse(line)) }));
}
