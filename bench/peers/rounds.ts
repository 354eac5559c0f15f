// What every benchmark shares: the machine's limits in the same run, medians with their spread, and
// the ratio of two contenders that ran in turn.

import { LimitProbe, type Limits } from "../../src/inference/limits.ts";

let probe: LimitProbe | undefined;

/** The machine's limits with so many threads, now. */
export function probeLimits(threads: number): Promise<Limits> {
  probe ??= new LimitProbe();
  return probe.measure(threads);
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

/** Round by round, as a machine that others use changes from one to the next. */
export function ratio(ours: readonly number[], theirs: readonly number[]): Spread {
  return spread(ours.map((value, round) => value / theirs[round]!));
}

export function shown({ minimum, median, maximum }: Spread): string {
  return `${figure(median)} (${figure(minimum)} to ${figure(maximum)})`;
}

export function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
