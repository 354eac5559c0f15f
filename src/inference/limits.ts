// What this machine can do at most with a number of threads: the figures that a benchmark of a model
// is to be held against, measured in the same run because a shared machine changes by the minute.

import { breathe } from "../breathe.ts";
import { type LimitKind, threads, useThreads, workAtLimit } from "../native/kernels.ts";
import { type Address, Arena } from "../native/memory.ts";

export interface Limits {
  readonly threads: number;
  /** 10^9 bytes a second from memory. */
  readonly readGigabytesPerSecond: number;
  /** 10^9 multiplications and additions a second, f32, in registers. */
  readonly fmaGigaflops: number;
  /** The same with 4-bit weights and 8-bit inputs, by a tile in the first-level cache. */
  readonly tileGigaops: number;
}

/** More than any last-level cache that two threads share. */
const bufferBytes = 256 << 20;
/** How long one call works: far above the clock's grain, short enough to be interrupted between. */
const callMs = 10;
const calls = 5;

/** Holds the memory that is read; close() frees it. */
export class LimitProbe {
  readonly #arena: Arena;
  readonly #buffer: Address;
  #written = false;

  constructor() {
    this.#arena = new Arena(bufferBytes + 64);
    this.#buffer = this.#arena.allocate(bufferBytes);
  }

  /** The best of several short calls for each limit, with `count` threads; the pool stays as it was. */
  async measure(count: number, signal?: AbortSignal): Promise<Limits> {
    const before = threads();
    if (count !== before) useThreads(count);
    try {
      if (!this.#written) await this.#write(signal);
      return {
        threads: count,
        readGigabytesPerSecond: await this.#best("read", bufferBytes, signal),
        fmaGigaflops: await this.#best("multiplyAdd", roundsFor("multiplyAdd"), signal),
        tileGigaops: await this.#best("integerTile", roundsFor("integerTile"), signal),
      };
    } finally {
      if (count !== before) useThreads(before);
    }
  }

  /** Piece by piece: the system finds the pages now. */
  async #write(signal: AbortSignal | undefined): Promise<void> {
    const piece = 32 << 20;
    for (let at = 0; at < bufferBytes; at += piece) {
      workAtLimit("write", piece, this.#buffer + at);
      await breathe(signal);
    }
    this.#written = true;
  }

  /** Units of 10^9 a second. */
  async #best(kind: LimitKind, count: number, signal: AbortSignal | undefined): Promise<number> {
    let best = 0;
    for (let call = 0; call < calls; call++) {
      best = Math.max(best, rate(kind, count, this.#buffer));
      await breathe(signal);
    }
    return best;
  }

  close(): void {
    this.#arena.close();
  }
}

function rate(kind: LimitKind, count: number, buffer: Address): number {
  const start = Bun.nanoseconds();
  return workAtLimit(kind, count, buffer) / (Bun.nanoseconds() - start);
}

/** Rounds that take about callMs. */
function roundsFor(kind: LimitKind): number {
  for (let rounds = 64; ; rounds *= 2) {
    const start = performance.now();
    workAtLimit(kind, rounds);
    const elapsed = performance.now() - start;
    if (elapsed > callMs / 4) return Math.ceil((rounds * callMs) / elapsed);
  }
}
