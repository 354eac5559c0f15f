// What does the cache's element type cost and give? A token, and a draft of 64, at a depth of 4k and 16k
// positions with each type in turn; then how far the answers of q8_0 are from those of f16 on real text.
// usage: main.ts [options] [TEXT FILE …] MODEL.gguf

import { readFileSync } from "node:fs";
import { Model } from "../../src/inference/model.ts";
import { KvCache } from "../../src/model/cache.ts";
import type { CacheType } from "../../src/model/cache-type.ts";
import { TileFile } from "../../src/model/tile-file.ts";
import { Transformer } from "../../src/model/transformer.ts";
import { Weights } from "../../src/model/weights.ts";
import { largest } from "../../src/native/kernels.ts";
import { bytesAt } from "../../src/native/memory.ts";
import { tilesFolder } from "../../src/project/home.ts";
import { keep, named, rounds, threads } from "../peers/options.ts";
import { probeLimits, ratio, shown, spread } from "../peers/rounds.ts";

const depths = [64, 4096, 16_384];
const types = ["f16", "q8_0"] as const satisfies CacheType[];
const draft = 64;
const most = 1024;

const [path, ...texts] = named.toReversed();
if (path === undefined) throw new Error("name a model");
const tileFolder = tilesFolder(process.env);
const model = await Model.open(path, { threads, tileFolder });
const weights = new Weights(model.file, model.config);
const stored = tileFolder === undefined ? undefined : TileFile.of(tileFolder, model.file);
await weights.repack({ stored: stored === undefined ? [] : [stored] });

function open(type: CacheType) {
  const cache = new KvCache(model.config, depths.at(-1)! + draft, type);
  return new Transformer(model.config, weights, cache);
}

/** Any keys and values do; but memory that was never written is not read from memory. */
function fill(cache: KvCache): void {
  const bytes = KvCache.bytesPerPosition(model.config, cache.type) * cache.paddedCapacity;
  const half = bytes / 2 / model.config.layers;
  for (let layer = 0; layer < model.config.layers; layer++) {
    for (const which of ["keys", "values"] as const) bytesAt(cache[which](layer), half).fill(0x2c);
  }
}

async function time(transformer: Transformer, position: number, tokens: number, repeat: number) {
  const ids = Array.from({ length: tokens }, (_, i) => (i * 7919) % 250);
  const start = performance.now();
  for (let i = 0; i < repeat; i++) {
    transformer.cache.length = position;
    await transformer.forward(ids);
  }
  return (performance.now() - start) / repeat;
}

const sides = types.map((type) => open(type));
for (const { cache } of sides) fill(cache);
const results: object[] = [];
const name = path.split("/").at(-1);
console.log(`cache: ${name}, ${threads} threads`);
for (const type of types) {
  const bytes = KvCache.bytesPerPosition(model.config, type);
  console.log(`  ${type}: ${((bytes * 4096) / 2 ** 20).toFixed(1)} MiB at 4,096 positions`);
  results.push({ question: "cache", model: path, type, bytes });
}
for (const depth of depths) {
  for (const tokens of [1, draft]) {
    const measured = types.map((): number[] => []);
    const bandwidths: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      for (const [t, side] of sides.entries()) {
        const milliseconds = await time(side, depth, tokens, tokens === 1 ? 6 : 1);
        if (round > 0) measured[t]!.push(milliseconds);
      }
      bandwidths.push((await probeLimits(threads)).readGigabytesPerSecond);
    }
    const times = types.map((type, t) => `${type} ${shown(spread(measured[t]!))} ms`).join(", ");
    const gain = shown(ratio(measured[0]!, measured[1]!));
    console.log(
      `  ${tokens} at ${depth}: ${times}: ${gain} x as fast; ${shown(spread(bandwidths))} GB/s`,
    );
    results.push({ question: "cache", model: path, depth, tokens, measured, bandwidths });
  }
}

/** Natural logarithms of the probabilities. */
function logSoftmax(logits: Float32Array): Float64Array {
  let top = -Infinity;
  for (const x of logits) top = Math.max(top, x);
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - top);
  const offset = top + Math.log(sum);
  return Float64Array.from(logits, (x) => x - offset);
}

function divergence(wanted: Float64Array, got: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < wanted.length; i++) sum += Math.exp(wanted[i]!) * (wanted[i]! - got[i]!);
  return sum;
}

const divergences: number[] = [];
let agreed = 0;
for (const file of texts) {
  const ids = model.tokenizer.encode(readFileSync(file, "utf8")).slice(0, most);
  for (const { cache } of sides) cache.rewind(0);
  for (let from = 0; from < ids.length; from += 64) {
    const part = ids.slice(from, from + 64);
    const wanted: Float32Array[] = [];
    await sides[0]!.forward(part, { onLogits: (_, logits) => wanted.push(logits.slice()) });
    await sides[1]!.forward(part, {
      onLogits: (position, logits) => {
        const truth = wanted[position - from]!;
        divergences.push(divergence(logSoftmax(truth), logSoftmax(logits)));
        if (largest(truth) === largest(logits)) agreed++;
      },
    });
  }
}
if (divergences.length > 0) {
  const mean = divergences.reduce((a, b) => a + b, 0) / divergences.length;
  const same = ((100 * agreed) / divergences.length).toFixed(2);
  console.log(
    `  q8_0 against f16, ${divergences.length} positions: mean KL ${mean.toExponential(2)}, best tokens ${same} %`,
  );
  results.push({ question: "cache", model: path, positions: divergences.length, mean, agreed });
}
keep(results);
