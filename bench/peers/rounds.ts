// What every benchmark shares: the machine's limits in the same run, medians with their spread, and
// the ratio of two contenders that ran in turn.

import { LimitProbe, type Limits } from "../../src/inference/limits.ts";
import { ratio, type Spread, spread } from "../../src/inference/spread.ts";

let probe: LimitProbe | undefined;

/** The machine's limits with so many threads, now. */
export function probeLimits(threads: number): Promise<Limits> {
  probe ??= new LimitProbe();
  return probe.measure(threads);
}

export { ratio, type Spread, spread };

export function shown({ minimum, median, maximum }: Spread): string {
  return `${figure(median)} (${figure(minimum)} to ${figure(maximum)})`;
}

export function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
