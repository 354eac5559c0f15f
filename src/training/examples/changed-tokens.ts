// Which tokens of an answer are not copied from its input. In an edit most tokens are: where all count
// alike, a model is soon good at copying and has learnt little else.

import { lineChanges } from "../../patch/line-changes.ts";

/**
 * 1 for each token of `after` that a shortest edit script puts in, and for the one behind a place where
 * it takes out and puts in nothing: there the model decides to leave out.
 */
export function changedTokens(before: readonly number[], after: readonly number[]): Uint8Array {
  const changed = new Uint8Array(after.length);
  const [old, recent] = [before, after].map((ids) => ids.map(String));
  for (const { newStart, newEnd } of lineChanges(old!, recent!)) {
    changed.fill(1, newStart, Math.max(newEnd, newStart + 1));
  }
  return changed;
}
