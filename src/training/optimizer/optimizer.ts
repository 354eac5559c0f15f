// What changes the weights after each step's gradients are there, and the norm that clipping looks at.

import type { Parameters } from "../parameters.ts";

export interface OptimizerState {
  /** "blk.0.attn_q.weight.adam_m". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Optimizer {
  readonly name: "adamw" | "muon";
  /** @param options.scale factor on all gradients: clipping */
  step(options: { learningRate: number; scale: number }): void;
  /** All that it remembers, to be saved and restored to the bit. */
  readonly state: readonly OptimizerState[];
  /** Steps taken so far. */
  steps: number;
  close(): void;
}

/** The norm of all gradients together, summed in a fixed order. */
export function gradientNorm(parameters: Parameters): number {
  let sum = 0;
  for (const { gradient } of parameters) for (const value of gradient) sum += value * value;
  return Math.sqrt(sum);
}
