// What one pass of training reads: sequences of tokens, what each should be followed by, and how much
// that counts. Rows lie sequence by sequence; documents packed into one sequence do not see each other.

import { CromwellError } from "../errors.ts";
import type { ModelConfig } from "../model/config.ts";

export interface Batch {
  readonly sequences: number;
  /** Tokens of each sequence, padding included; rows = sequences * length. */
  readonly length: number;
  /** [rows] token ids. */
  readonly inputs: Uint32Array;
  /** [rows] rows of the output matrix: the token that follows, or a class where the head is one. */
  readonly targets: Uint32Array;
  /** [rows] what each row's loss counts; 0: nothing (padding, prompts); negative: to be made unlikely. */
  readonly weights: Float32Array;
  /** [rows] first position of its sequence that the row sees: its document's; its own where it is padding. */
  readonly starts: Uint32Array;
  /** [rows] position from its document's start, for rotary or learned positions. */
  readonly positions: Uint32Array;
}

/** Refuses a batch that a network of this shape with `outputs` rows of logits cannot read. */
export function checkBatch(batch: Batch, { contextLength }: ModelConfig, outputs: number): void {
  const { sequences, length, inputs, targets, weights, starts, positions } = batch;
  const rows = sequences * length;
  const fail = (what: string) => new CromwellError("input", `a batch of training: ${what}`);
  if (rows === 0) throw fail("no rows");
  for (const { length: count } of [inputs, targets, weights, starts, positions]) {
    if (count !== rows) throw fail(`${count} values for ${sequences} sequences of ${length}`);
  }
  for (let row = 0; row < rows; row++) {
    if (positions[row]! >= contextLength) {
      throw fail(`position ${positions[row]} in a context of ${contextLength}`);
    }
    if (starts[row]! > row % length)
      throw fail(`row ${row} sees from ${starts[row]} on, not itself`);
    if (weights[row] !== 0 && targets[row]! >= outputs) {
      throw fail(`target ${targets[row]} of ${outputs}`);
    }
  }
}
