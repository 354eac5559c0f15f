// A long text as overlapping windows of one length, each learning the token behind each of its own: the
// data loader of Raschka's "Build a Large Language Model (From Scratch)".

import { CromwellError } from "../../errors.ts";
import { uniform } from "../../inference/sampler.ts";
import type { Batch } from "../batch.ts";

export interface WindowOptions {
  /** Tokens of a window. */
  readonly length: number;
  /** Tokens from a window's start to the next one's; default: the length, so that none overlap. */
  readonly stride?: number | undefined;
}

export interface LoaderOptions extends WindowOptions {
  /** Windows of a batch. */
  readonly batch: number;
  /** Shuffles the windows; default: in the text's order. */
  readonly seed?: number | undefined;
  /** Leaves out a last batch that is not full. Default true. */
  readonly dropLast?: boolean | undefined;
}

/** Where each window begins: as often as a token is left behind its end. */
export function windowStarts(tokens: number, { length, stride = length }: WindowOptions): number[] {
  for (const [name, value] of Object.entries({ length, stride })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new CromwellError("usage", `a window's ${name} is a whole number from 1, not ${value}`);
  }
  const starts: number[] = [];
  for (let at = 0; at < tokens - length; at += stride) starts.push(at);
  return starts;
}

/** The windows of `ids`, so many to a batch. The same seed gives the same order. */
export function* windowBatches(
  ids: ArrayLike<number>,
  options: LoaderOptions,
): Generator<Batch, void> {
  const { length, batch, seed, dropLast = true } = options;
  if (!Number.isInteger(batch) || batch < 1) {
    throw new CromwellError("usage", `a batch has a whole number of windows, not ${batch}`);
  }
  const starts = windowStarts(ids.length, options);
  if (seed !== undefined) shuffle(starts, seed);
  for (let at = 0; at < starts.length; at += batch) {
    const taken = starts.slice(at, at + batch);
    if (taken.length === batch || !dropLast) yield batchOf(ids, taken, length);
  }
}

function batchOf(ids: ArrayLike<number>, starts: readonly number[], length: number): Batch {
  const rows = starts.length * length;
  const batch = {
    sequences: starts.length,
    length,
    inputs: new Uint32Array(rows),
    targets: new Uint32Array(rows),
    weights: new Float32Array(rows).fill(1),
    starts: new Uint32Array(rows),
    positions: new Uint32Array(rows),
  };
  for (const [sequence, start] of starts.entries()) {
    for (let at = 0; at < length; at++) {
      const row = sequence * length + at;
      batch.inputs[row] = ids[start + at]!;
      batch.targets[row] = ids[start + at + 1]!;
      batch.positions[row] = at;
    }
  }
  return batch;
}

/** Fisher and Yates's, drawn from the seed. */
function shuffle(list: number[], seed: number): void {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(uniform(seed, last) * (last + 1));
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
}
