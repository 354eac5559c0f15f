// Reads the golden gradients and losses of this folder (make-gradients.py), and puts the models that
// they are of on disk.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Batch } from "../../../src/training/batch.ts";

type Numbers = { [K in keyof Batch]: Batch[K] extends number ? number : number[] };

export interface GoldenGradients {
  readonly name: string;
  readonly batch: Numbers;
  /** 0 where a row's weight is 0. */
  readonly nll: readonly number[];
  readonly tensors: readonly {
    /** Hugging Face's. */
    readonly name: string;
    readonly norm: number;
    /** Some places of the tensor as Hugging Face stores it, and the gradients there. */
    readonly at: readonly number[];
    readonly gradient: readonly number[];
  }[];
}

export interface GoldenSteps {
  readonly options: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
  };
  readonly models: readonly { readonly name: string; readonly losses: readonly number[] }[];
}

export function readGradients(name: string): GoldenGradients {
  return JSON.parse(readFileSync(join(import.meta.dir, `gradients-${name}.json`), "utf8"));
}

export function readSteps(): GoldenSteps {
  return JSON.parse(readFileSync(join(import.meta.dir, "steps.json"), "utf8"));
}

export function batchOf({ sequences, length, ...rows }: Numbers): Batch {
  return {
    sequences,
    length,
    inputs: Uint32Array.from(rows.inputs),
    targets: Uint32Array.from(rows.targets),
    weights: Float32Array.from(rows.weights),
    starts: Uint32Array.from(rows.starts),
    positions: Uint32Array.from(rows.positions),
  };
}
