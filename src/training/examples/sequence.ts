// What fine-tuning learns from, one example after the other: the tokens that are read, what should follow
// each, and how much that counts. Examples of like length are laid side by side as a batch.

import type { Batch } from "../batch.ts";
import type { TrainingExample } from "./example.ts";

/** inputs, targets and weights are of one length. */
export interface Sequence {
  readonly inputs: Uint32Array;
  /** The token behind each, or a class. */
  readonly targets: Uint32Array;
  readonly weights: Float32Array;
}

/** Each token learns the one behind it; `counts` is what each id counts, by default 1 for answers. */
export function sequenceOf(
  { ids, answer }: TrainingExample,
  counts: ArrayLike<number> = answer,
): Sequence {
  return {
    inputs: ids.subarray(0, -1),
    targets: ids.subarray(1),
    weights: Float32Array.from({ length: ids.length - 1 }, (_, at) => counts[at + 1]!),
  };
}

/**
 * The sequences padded at their ends to the longest. The id `padding` counts nothing, and sees itself
 * alone, so that nothing is spent on it.
 */
export function stack(sequences: readonly Sequence[], padding = 0): Batch {
  const length = sequences.reduce((most, { inputs }) => Math.max(most, inputs.length), 0);
  const rows = sequences.length * length;
  const batch = {
    sequences: sequences.length,
    length,
    inputs: new Uint32Array(rows).fill(padding),
    targets: new Uint32Array(rows).fill(padding),
    weights: new Float32Array(rows),
    starts: new Uint32Array(rows),
    positions: new Uint32Array(rows),
  };
  for (const [index, { inputs, targets, weights }] of sequences.entries()) {
    const first = index * length;
    batch.inputs.set(inputs, first);
    batch.targets.set(targets, first);
    batch.weights.set(weights, first);
    for (let at = 0; at < inputs.length; at++) batch.positions[first + at] = at;
    for (let at = inputs.length; at < length; at++) batch.starts[first + at] = at;
  }
  return batch;
}
