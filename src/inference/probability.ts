// How probable a model finds a text that is given: one pass over its tokens. It tells answers apart that
// are equally good by every other measure, and where a text is likeliest to be changed.

import { largest } from "../native/kernels.ts";
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
  let sum = 0;
  const add = (id: number, logits: Float32Array) => {
    sum += logits[id]! - logSumOfExponentials(logits);
  };
  await walk(session, prompt, tokens, add, signal);
  return tokens.length === 0 ? 0 : sum / tokens.length;
}

/** A token of a text that another one could stand for. */
export interface Change {
  /** Which token of the text. */
  readonly at: number;
  /** The likeliest of the others. */
  readonly id: number;
  /** By how much its logit is higher than that of the token that stands there. */
  readonly margin: number;
}

/** The likeliest change of each of the tokens, in their order. The session then holds prompt and tokens. */
export async function likeliestChanges(
  session: Session,
  prompt: readonly number[],
  tokens: readonly number[],
  signal?: AbortSignal,
): Promise<Change[]> {
  const changes: Change[] = [];
  const compare = (own: number, logits: Float32Array) => {
    const logit = logits[own]!;
    logits[own] = Number.NEGATIVE_INFINITY;
    const id = largest(logits);
    changes.push({ at: changes.length, id, margin: logits[id]! - logit });
  };
  await walk(session, prompt, tokens, compare, signal);
  return changes;
}

/** Shows each of the tokens with the logits of its position. */
async function walk(
  session: Session,
  prompt: readonly number[],
  tokens: readonly number[],
  show: (id: number, logits: Float32Array) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (tokens.length === 0) return;
  await session.prefill(prompt, { signal });
  session.rewind(prompt.length - 1);
  const ids = [prompt.at(-1)!, ...tokens.slice(0, -1)];
  const onLogits = (position: number, logits: Float32Array) =>
    show(tokens[position - prompt.length + 1]!, logits);
  await session.append(ids, { signal, onLogits });
}

function logSumOfExponentials(values: Float32Array): number {
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > maximum) maximum = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - maximum);
  return maximum + Math.log(sum);
}
