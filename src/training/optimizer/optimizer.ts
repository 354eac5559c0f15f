// What changes the weights once their gradients are there: AdamW, or Muon for the matrices of the blocks
// with AdamW for the rest. What they remember is named, so that a checkpoint can keep it to the bit.

import { sumOfSquares } from "../../native/training-kernels.ts";
import type { Parameters } from "../parameters.ts";
import { AdamW } from "./adamw.ts";
import { Muon } from "./muon.ts";

export interface OptimizerOptions {
  readonly name: "adamw" | "muon";
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Of parameters that decay, beside the gradient: values lose learningRate * weightDecay of themselves. */
  readonly weightDecay: number;
  /** Muon's; 0.95 where it is not given. */
  readonly momentum?: number;
}

export interface StepOptions {
  readonly learningRate: number;
  /** Factor on all gradients: clipping. */
  readonly scale: number;
}

/** One vector or matrix of what an optimizer remembers: "blk.0.attn_q.weight.adam_m". */
export interface OptimizerState {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Optimizer {
  readonly name: "adamw" | "muon";
  /** Changes all parameters by their gradients. Lets the event loop run between parameters. */
  step(options: StepOptions): Promise<void>;
  /** With `steps` all that it remembers: whoever writes both back continues as if never stopped. */
  readonly state: readonly OptimizerState[];
  /** Steps taken. */
  steps: number;
  /** Ends all views of the state. */
  close(): void;
}

export function createOptimizer(parameters: Parameters, options: OptimizerOptions): Optimizer {
  return options.name === "muon" ? new Muon(parameters, options) : new AdamW(parameters, options);
}

/** Of all gradients together; each parameter's squares are summed in f64, at places its size gives. */
export function gradientNorm(parameters: Parameters): number {
  let squares = 0;
  for (const { gradientAddress, gradient } of parameters) {
    squares += sumOfSquares(gradientAddress, gradient.length);
  }
  return Math.sqrt(squares);
}
