// Figures of several rounds as one: the median with the least and the most, because a single figure of
// a machine that does other things too says little.

export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

/** Of at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)]!;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]!;
  return { minimum: sorted[0]!, median: (lower + upper) / 2, maximum: sorted.at(-1)! };
}

/** Round by round, as a machine that others use changes from one to the next. */
export function ratio(ours: readonly number[], theirs: readonly number[]): Spread {
  return spread(ours.map((value, round) => value / theirs[round]!));
}
