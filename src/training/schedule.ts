// The learning rate of each step: a linear warm-up, then as the schedule's name says. A function of the
// step alone, so that a resumed run has the same rates.

export const scheduleNames = ["cosine", "wsd", "constant"] as const;

export interface ScheduleOptions {
  /**
   * "cosine": half a wave down to the least (Loshchilov and Hutter, 2016); "wsd": constant, then a
   * straight decay at the end (warm-up, stable, decay); "constant".
   */
  readonly name: (typeof scheduleNames)[number];
  /** The highest. */
  readonly learningRate: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Steps that it takes to reach the highest. */
  readonly warmup: number;
  /** The last step's share of the highest. */
  readonly minimum: number;
  /** Share of the steps in which "wsd" decays. */
  readonly decay: number;
}

/** The learning rate of step 1, 2, ... */
export function learningRates(options: ScheduleOptions): (step: number) => number {
  const { name, learningRate, steps, warmup, minimum, decay } = options;
  const first = name === "wsd" ? Math.max(warmup, Math.round(steps * (1 - decay))) : warmup;
  return (step) => {
    if (step <= warmup) return (learningRate * step) / warmup;
    if (name === "constant" || step <= first) return learningRate;
    const done = Math.min(1, (step - first) / (steps - first));
    const left = name === "cosine" ? (1 + Math.cos(Math.PI * done)) / 2 : 1 - done;
    return learningRate * (minimum + (1 - minimum) * left);
  };
}
