// The activations of one batch, at fixed addresses: T tokens a batch, D hidden, H and K query and KV
// heads, C head dimension, F feed-forward width, V vocabulary.

import type { Address, Arena } from "../native/memory.ts";
import type { ModelConfig } from "./config.ts";

/** Tokens whose logits are computed together. */
export const logitsAtOnce = 16;

/** Values of f32 in each buffer, for batches of `tokens` and adapters of ranks that add up to `rank`. */
export function bufferSizes(config: ModelConfig, tokens: number, rank: number) {
  const query = tokens * config.heads * config.headDimension;
  const key = tokens * config.kvHeads * config.headDimension;
  const hidden = tokens * config.hidden;
  const feedForward = tokens * config.feedForward;
  return {
    /** Residual stream [T][D], and its norm. */
    x: hidden,
    normed: hidden,
    /** [T][H][C], [T][K][C], [T][K][C], [T][H][C]. */
    query,
    key,
    value: key,
    attended: query,
    /** [T][F]. */
    gate: feedForward,
    up: feedForward,
    /** [logitsAtOnce][V]. */
    logits: logitsAtOnce * config.vocabulary,
    /** Adapters' low-rank activations, up to three products of [T][rank]. */
    low: 3 * tokens * rank,
  } as const;
}

type Sizes = ReturnType<typeof bufferSizes>;
export type Buffers = { readonly [Name in keyof Sizes]: Address };

/** Bytes of an arena that holds them. */
export function bufferBytes(sizes: Sizes): number {
  return Object.values(sizes).reduce((sum, count) => sum + count * 4 + 64, 0);
}

export function allocateBuffers(arena: Arena, sizes: Sizes): Buffers {
  const places = Object.entries(sizes).map(([name, count]) => [name, arena.allocate(count * 4)]);
  return Object.fromEntries(places);
}
