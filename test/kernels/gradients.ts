// How the gradients of kernels are judged: by central differences of a plain f64 function, and by what
// PyTorch wrote down (test/golden/training/kernels.py).

import { join } from "node:path";

export interface NormGolden {
  readonly rows: number;
  readonly columns: number;
  readonly epsilon: number;
  readonly layered: number;
  readonly input: number[];
  readonly weight: number[];
  readonly outputGradient: number[];
  readonly inputGradient: number[];
  readonly weightGradient: number[];
  readonly biasGradient: number[];
}

export interface RotaryGolden {
  readonly rows: number;
  readonly heads: number;
  readonly dimension: number;
  readonly rotary: number;
  readonly capacity: number;
  readonly halves: number;
  readonly positions: number[];
  readonly cosines: number[];
  readonly sines: number[];
  readonly input: number[];
  readonly output: number[];
  readonly outputGradient: number[];
  readonly inputGradient: number[];
}

export interface CrossEntropyGolden {
  readonly rows: number;
  readonly columns: number;
  readonly scale: number;
  readonly logits: number[];
  readonly targets: number[];
  readonly weights: number[];
  readonly losses: number[];
  readonly gradient: number[];
}

export interface AttentionGolden {
  readonly sequences: number;
  readonly length: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly dimension: number;
  readonly scale: number;
  readonly starts: number[];
  readonly query: number[];
  readonly keys: number[];
  readonly values: number[];
  readonly output: number[];
  readonly outputGradient: number[];
  readonly queryGradient: number[];
  readonly keyGradient: number[];
  readonly valueGradient: number[];
}

export interface Golden {
  readonly norms: NormGolden[];
  readonly rotary: RotaryGolden[];
  readonly crossEntropy: CrossEntropyGolden;
  readonly attention: AttentionGolden[];
}

export async function golden(): Promise<Golden> {
  return Bun.file(join(import.meta.dir, "../golden/training/kernels.json")).json();
}

/** The gradient of `loss` where `at` is, by central differences in f64. */
export function differences(
  loss: (x: Float64Array) => number,
  at: ArrayLike<number>,
  step = 1e-4,
): Float64Array {
  const x = Float64Array.from(at);
  return x.map((value, i) => {
    x[i] = value + step;
    const above = loss(x);
    x[i] = value - step;
    const below = loss(x);
    x[i] = value;
    return (above - below) / (2 * step);
  });
}

/**
 * The largest difference beside the largest wanted magnitude; NaN where either has one. Where there is
 * nothing to be but rounding, beside 0.01.
 */
export function relativeDistance(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let worst = 0;
  let largest = 0.01;
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(got[i]! - wanted[i]!);
    if (Number.isNaN(difference)) return difference;
    worst = Math.max(worst, difference);
    largest = Math.max(largest, Math.abs(wanted[i]!));
  }
  return worst / largest;
}

/** Sum of products: the loss whose gradient with regard to `x` is `gradient`. */
export function dot(x: ArrayLike<number>, gradient: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * gradient[i]!;
  return total;
}
