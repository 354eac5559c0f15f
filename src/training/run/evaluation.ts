// How well a network predicts the validation split: the mean loss over its tokens, and, to be compared
// between vocabularies, bits for each byte of the text.

import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { Batch } from "../batch.ts";
import type { EvaluationReport } from "../events.ts";
import type { Network } from "../network.ts";

/** Bytes of text that each token stands for; special ones for none. */
export function tokenBytes(tokenizer: Tokenizer): Uint32Array {
  return Uint32Array.from(
    { length: tokenizer.size },
    (_, id) => tokenizer.decodeBytes([id], { continued: true }).length,
  );
}

/**
 * The loss over all rows that count; bits per byte over those whose target is text, as the bytes of a
 * special token are not defined.
 */
export async function evaluateBatches(
  network: Pick<Network, "evaluate">,
  batches: Iterable<Batch>,
  bytesOf: Uint32Array,
  signal?: AbortSignal,
): Promise<EvaluationReport & { tokens: number; bytes: number }> {
  let [loss, weight, tokens, textLoss, bytes] = [0, 0, 0, 0, 0];
  for (const batch of batches) {
    const nll = await network.evaluate(batch, ...(signal === undefined ? [] : [{ signal }]));
    for (const [row, factor] of batch.weights.entries()) {
      if (factor === 0) continue;
      const length = bytesOf[batch.targets[row]!] ?? 0;
      tokens++;
      weight += factor;
      loss += factor * nll[row]!;
      if (length === 0) continue;
      textLoss += nll[row]!;
      bytes += length;
    }
  }
  const bitsPerByte = bytes === 0 ? null : textLoss / Math.LN2 / bytes;
  return { loss: weight === 0 ? Number.NaN : loss / weight, bitsPerByte, tokens, bytes };
}
