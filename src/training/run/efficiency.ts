// How well a step's work spreads over the cores there are: the time of one micro-batch with one thread
// beside that with all, in turn, so that what else runs on the machine falls on both.

import { threads, useThreads } from "../../native/kernels.ts";
import type { Batch } from "../batch.ts";
import type { Network } from "../network.ts";
import type { StepSource } from "../trainer-options.ts";

export interface Efficiency {
  readonly threads: number;
  /** Tokens a second, forward and backward, without the optimizer's step. */
  readonly oneThread: number;
  readonly allThreads: number;
  readonly speedUp: number;
  /** The speed-up's share of what so many threads could bring. */
  readonly efficiency: number;
}

const rounds = 3;

/** Leaves weights and the source's position as they are. Throws CromwellError "interrupted". */
export async function measureEfficiency(
  network: Pick<Network, "accumulate">,
  source: StepSource,
  signal?: AbortSignal,
): Promise<Efficiency> {
  const all = threads();
  const position = source.position();
  const batch = (await source.next())[0]!;
  source.seek(position);
  const times = { one: [] as number[], all: [] as number[] };
  try {
    // The first pass reserves memory.
    await timeOf(network, batch, signal);
    for (let round = 0; round < rounds; round++) {
      useThreads(1);
      times.one.push(await timeOf(network, batch, signal));
      useThreads(all);
      times.all.push(await timeOf(network, batch, signal));
    }
  } finally {
    useThreads(all);
  }
  const tokens = batch.inputs.length;
  const [one, many] = [median(times.one), median(times.all)];
  const speedUp = one / many;
  return {
    threads: all,
    oneThread: tokens / one,
    allThreads: tokens / many,
    speedUp,
    efficiency: speedUp / all,
  };
}

/** Seconds. */
async function timeOf(
  network: Pick<Network, "accumulate">,
  batch: Batch,
  signal: AbortSignal | undefined,
): Promise<number> {
  const started = performance.now();
  await network.accumulate(batch, { scale: 1, signal });
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
