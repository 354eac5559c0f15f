// Sequences cut from a stream of tokens, one after the other: documents lie in them as they come, and
// with packing "documents" none sees another (block-diagonal masks, positions from each one's start).

import type { Batch } from "../batch.ts";
import type { TokenStream } from "./token-stream.ts";

export type Packing = "documents" | "none";

/** Whole sequences in a stream; the token behind the last is a target only. */
export function sequencesIn(stream: TokenStream, length: number): number {
  return Math.max(0, Math.floor((stream.length - 1) / length));
}

/**
 * The sequences of a stream at `places` (in tokens) as one batch. What lies beyond the stream's end is
 * padding, which counts nothing.
 */
export function packBatch(
  stream: TokenStream,
  places: readonly number[],
  length: number,
  packing: Packing,
): Batch {
  const rows = places.length * length;
  const batch = {
    sequences: places.length,
    length,
    inputs: new Uint32Array(rows),
    targets: new Uint32Array(rows),
    weights: new Float32Array(rows),
    starts: new Uint32Array(rows),
    positions: new Uint32Array(rows),
  };
  const window = new Uint32Array(length + 1);
  places.forEach((place, index) => {
    const there = Math.min(length + 1, stream.length - place);
    stream.copy(place, window.subarray(0, there));
    window.fill(0, there);
    const begins = new Uint8Array(length + 1);
    if (packing === "documents") {
      stream.eachStart(place, place + there, (start) => {
        begins[start - place] = 1;
      });
    }
    fillSequence(batch, index, window, there, begins);
  });
  return batch;
}

function fillSequence(
  batch: Batch,
  index: number,
  window: Uint32Array,
  there: number,
  begins: Uint8Array,
): void {
  const { length, inputs, targets, weights, starts, positions } = batch;
  const first = index * length;
  inputs.set(window.subarray(0, length), first);
  targets.set(window.subarray(1), first);
  let start = 0;
  for (let i = 0; i < length; i++) {
    // A row without a target sees itself alone; a document's end does not tell how the next begins.
    const isPadding = i + 1 >= there;
    if (begins[i] === 1 || isPadding) start = i;
    starts[first + i] = start;
    positions[first + i] = i - start;
    weights[first + i] = isPadding || begins[i + 1] === 1 ? 0 : 1;
  }
}
