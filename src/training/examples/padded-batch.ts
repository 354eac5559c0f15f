// Examples of different lengths side by side, padded at their ends: each row learns the token behind it,
// but for padding and, where only answers count, for the prompts' tokens.

import { CromwellError } from "../../errors.ts";
import type { Batch } from "../batch.ts";
import type { TrainingExample } from "./example.ts";

export interface PaddingOptions {
  /** The id that fills a shorter example; it has no weight, so any id will do. */
  readonly padding: number;
  /** Which tokens are learnt: those of answers, or all. */
  readonly loss: "answers" | "all";
  /** Rows of the longest sequence; what is behind them is cut off. Default: all. */
  readonly lengthMax?: number | undefined;
}

/** One sequence an example, as long as the longest. Throws CromwellError "input" where none has two tokens. */
export function padBatch(examples: readonly TrainingExample[], options: PaddingOptions): Batch {
  const { padding, loss, lengthMax = Number.POSITIVE_INFINITY } = options;
  const longest = examples.reduce((most, { ids }) => Math.max(most, ids.length - 1), 0);
  const length = Math.min(longest, lengthMax);
  if (length < 1) throw new CromwellError("input", "no example has two tokens to learn from");
  const rows = examples.length * length;
  const batch = {
    sequences: examples.length,
    length,
    inputs: new Uint32Array(rows).fill(padding),
    targets: new Uint32Array(rows).fill(padding),
    weights: new Float32Array(rows),
    starts: new Uint32Array(rows),
    positions: new Uint32Array(rows),
  };
  for (const [sequence, { ids, answer }] of examples.entries()) {
    const first = sequence * length;
    const count = Math.max(0, Math.min(length, ids.length - 1));
    for (let at = 0; at < count; at++) {
      batch.inputs[first + at] = ids[at]!;
      batch.targets[first + at] = ids[at + 1]!;
      batch.weights[first + at] = loss === "all" ? 1 : answer[at + 1]!;
      batch.positions[first + at] = at;
    }
    // Padding sees itself alone, so that nothing is spent on it.
    for (let at = count; at < length; at++) batch.starts[first + at] = at;
  }
  return batch;
}
