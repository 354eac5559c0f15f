// Rounds of several contenders in turn, with the machine's limits probed in the same run; medians
// with their spread, as a table and as JSON.

import { join } from "node:path";

export interface Limits {
  readonly threads: number;
  readonly readGigabytesPerSecond: number;
  readonly fmaGigaflops: number;
}

/** Runs the probe that `zig build limits` makes. */
export function probeLimits(threads: number): Limits {
  const probe = join(import.meta.dir, "../../zig-out/bin/limits");
  const { stderr, success } = Bun.spawnSync([probe, String(threads)]);
  if (!success) throw new Error(`${probe} failed: build it with \`zig build limits\``);
  return JSON.parse(stderr.toString()) as Limits;
}

export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return { minimum: sorted[0]!, median: sorted[middle]!, maximum: sorted.at(-1)! };
}

export function shown({ minimum, median, maximum }: Spread): string {
  return `${figure(median)} (${figure(minimum)} to ${figure(maximum)})`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
