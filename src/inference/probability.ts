// How probable a model finds a text that is given: one pass over its tokens. It tells answers apart that
// are equally good by every other measure.

import type { Session } from "./session.ts";

/**
 * Mean of the natural logarithms of the probabilities of `tokens` after `prompt`, at temperature 1; 0
 * for none. The session then holds both.
 */
export async function meanLogProbability(
  session: Session,
  prompt: readonly number[],
  tokens: readonly number[],
  signal?: AbortSignal,
): Promise<number> {
  if (tokens.length === 0) return 0;
  await session.prefill(prompt, { signal });
  session.rewind(prompt.length - 1);
  const ids = [prompt.at(-1)!, ...tokens.slice(0, -1)];
  let sum = 0;
  const onLogits = (position: number, logits: Float32Array) => {
    const id = tokens[position - prompt.length + 1]!;
    sum += logits[id]! - logSumOfExponentials(logits);
  };
  await session.append(ids, { signal, onLogits });
  return sum / tokens.length;
}

function logSumOfExponentials(values: Float32Array): number {
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > maximum) maximum = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - maximum);
  return maximum + Math.log(sum);
}
