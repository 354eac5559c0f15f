// How fast is attention forward (QK^T, softmax, x V)? Whole and causal, beside PyTorch's
// scaled_dot_product_attention and the FMA peak of the run; then one query and sixteen against a long
// cache, as when decoding and checking a draft, beside the memory bandwidth of the run.

import { KvCache } from "../../src/model/cache.ts";
import { type CacheType, cacheTypes } from "../../src/model/cache-type.ts";
import { attention } from "../../src/native/kernels.ts";
import { Arena, bytesAt } from "../../src/native/memory.ts";
import { StructArray } from "../../src/native/struct.ts";
import { raceKernel } from "../peers/kernel-race.ts";
import { rounds, threads } from "../peers/options.ts";
import { probeLimits, shown, spread } from "../peers/rounds.ts";

const dimension = 64;
const tokens = 1024;
const arena = new Arena(1 << 30);

function filled(count: number): number {
  const { address, values } = arena.floats(count);
  for (let i = 0; i < count; i++) values[i] = Math.sin(i * 1.7);
  return address;
}

function forward(heads: number, causal: boolean) {
  const size = heads * tokens * dimension;
  const [query, keys, values, output] = [1, 2, 3, 4].map(() => filled(size));
  const job = new StructArray("Attention").fill({
    ...{ query: query!, keys: keys!, values: values!, output: output! },
    ...{ heads, kv_heads: heads, head_dim: dimension, padded_dim: dimension },
    ...{ capacity: tokens, tokens, position: 0, visible: causal ? 0 : tokens, cache_type: 0 },
    ...{ query_stride: dimension, query_head_stride: tokens * dimension },
    ...{ output_stride: dimension, output_head_stride: tokens * dimension },
    scale: 1 / Math.sqrt(dimension),
  });
  const pairs = causal ? (tokens * (tokens + 1)) / 2 : tokens * tokens;
  return {
    name: `${heads} x ${tokens} x ${dimension}${causal ? ", causal" : ""}`,
    operations: 4 * heads * pairs * dimension,
    repeat: heads > 8 ? 3 : 10,
    question: { heads, tokens, dimension, causal },
    run: () => attention(job),
  };
}

const cases = [8, 32].flatMap((heads) => [forward(heads, false), forward(heads, true)]);
await raceKernel("attention forward", "PyTorch", `${import.meta.dir}/torch_peer.py`, cases);

interface Depth {
  readonly type: CacheType;
  readonly heads: number;
  readonly kvHeads: number;
  readonly positions: number;
  readonly tokens: number;
}

/** The last `tokens` of `positions`, in several layers so that the processor's caches hold none. */
async function decode({ type, heads, kvHeads, positions, tokens }: Depth): Promise<void> {
  const shape = { layers: 1, kvHeads, headDimension: dimension };
  const bytes = positions * KvCache.bytesPerPosition(shape, type);
  const layers = Math.max(2, Math.ceil((96 << 20) / bytes));
  const cache = new Arena(layers * bytes + 64);
  const start = cache.allocate(layers * bytes);
  // Memory that was never written would be one page, and never be read from memory.
  bytesAt(start, layers * bytes).fill(0x2c);
  const job = new StructArray("Attention").fill({
    ...{ query: filled(tokens * heads * dimension), output: filled(tokens * heads * dimension) },
    ...{ heads, kv_heads: kvHeads, head_dim: dimension, padded_dim: dimension },
    ...{ capacity: positions, tokens, position: positions - tokens },
    ...{ query_stride: heads * dimension, output_stride: heads * dimension, scale: 1 / 8 },
    cache_type: cacheTypes.indexOf(type),
  });
  const speeds: number[] = [];
  const parts: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const begin = performance.now();
    for (let layer = 0; layer < layers; layer++) {
      const keys = start + layer * bytes;
      attention(job.set("keys", keys).set("values", keys + bytes / 2));
    }
    const speed = (layers * bytes) / (performance.now() - begin) / 1e6;
    const { readGigabytesPerSecond } = await probeLimits(threads);
    if (round === 0) continue;
    speeds.push(speed);
    parts.push(speed / readGigabytesPerSecond);
  }
  cache.close();
  const milliseconds = bytes / spread(speeds).median / 1e6;
  console.log(
    `  ${type}, ${heads}/${kvHeads} heads, ${positions} positions, ${tokens} at once: ` +
      `${milliseconds.toFixed(3)} ms, ${shown(spread(speeds))} GB/s of cache, ` +
      `${shown(spread(parts))} of what memory gives`,
  );
}

console.log(`queries against a cache, ${threads} threads`);
for (const [heads, kvHeads] of [
  [9, 3],
  [32, 4],
] as const) {
  for (const type of ["f16", "q8_0"] as const) {
    for (const positions of [4096, 16_384]) {
      for (const tokens of [1, 16]) await decode({ type, heads, kvHeads, positions, tokens });
    }
  }
}
