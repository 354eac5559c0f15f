// The twelve logical shards of a step: which of its sequences each has, how many tokens and which loss.
// A view of the step that is the same for any number of threads.

import type { Batch } from "./batch.ts";
import type { SphereReport } from "./events.ts";

export const sphereCount = 12;

interface Sums {
  sequences: number;
  tokens: number;
  weight: number;
  loss: number;
}

/** Sums up a step, micro-batch by micro-batch. */
export class StepSums {
  readonly #spheres: Sums[];
  /** Sequences of the step, and how many of them were added. */
  readonly #count: number;
  #added = 0;
  /** Tokens read, padding left out. */
  tokens = 0;

  constructor(batches: readonly Batch[]) {
    this.#count = batches.reduce((sum, { sequences }) => sum + sequences, 0);
    this.#spheres = Array.from({ length: sphereCount }, () => {
      return { sequences: 0, tokens: 0, weight: 0, loss: 0 };
    });
  }

  /** Adds a micro-batch with the nll of its rows. */
  add({ sequences, length, weights, starts }: Batch, nll: Float32Array): void {
    for (let sequence = 0; sequence < sequences; sequence++) {
      const sphere = this.#spheres[Math.floor((this.#added++ * sphereCount) / this.#count)]!;
      sphere.sequences++;
      for (let i = 0; i < length; i++) {
        const row = sequence * length + i;
        const weight = weights[row]!;
        // Padding counts nothing and sees itself alone.
        if (weight !== 0 || starts[row] !== i) this.tokens++;
        if (weight === 0) continue;
        sphere.tokens++;
        sphere.weight += Math.abs(weight);
        sphere.loss += weight * nll[row]!;
      }
    }
  }

  /** Mean over the tokens, by their weights. */
  get loss(): number {
    const weight = this.#spheres.reduce((sum, sphere) => sum + sphere.weight, 0);
    const loss = this.#spheres.reduce((sum, sphere) => sum + sphere.loss, 0);
    return weight === 0 ? 0 : loss / weight;
  }

  get spheres(): SphereReport[] {
    const busiest = Math.max(...this.#spheres.map(({ tokens }) => tokens));
    return this.#spheres.map(({ sequences, tokens, weight, loss }, index) => ({
      index,
      sequences,
      tokens,
      loss: weight === 0 ? null : loss / weight,
      activity: tokens === 0 ? 0 : tokens / busiest,
    }));
  }
}

/** What a step's gradients are divided by: the weights of all its tokens, whatever their sign. */
export function weightOf(batches: readonly Batch[]): number {
  let sum = 0;
  for (const { weights } of batches) for (const weight of weights) sum += Math.abs(weight);
  return sum;
}
