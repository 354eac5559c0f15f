// Examples of different lengths side by side, padded at their ends: each row learns the token behind it,
// but for padding and, where only answers count, for the prompts' tokens.

import { CromwellError } from "../../errors.ts";
import type { Batch } from "../batch.ts";
import type { TrainingExample } from "./example.ts";
import { type Sequence, sequenceOf, stack } from "./sequence.ts";

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
  const sequences = examples.map(({ ids, answer }): Sequence => {
    const end = Math.min(ids.length, lengthMax + 1);
    const example = { ids: ids.subarray(0, end), answer: answer.subarray(0, end) };
    return sequenceOf(example, loss === "all" ? new Uint8Array(end).fill(1) : example.answer);
  });
  const batch = stack(sequences, padding);
  if (batch.length > 0) return batch;
  throw new CromwellError("input", "no example has two tokens to learn from");
}
