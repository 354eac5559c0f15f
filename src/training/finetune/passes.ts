// Sequences that are looked at without learning from them, as when a model is judged: those of like
// length go through the network together, so that little is padding.

import { breathe } from "../../breathe.ts";
import { type Sequence, stack } from "../examples/sequence.ts";
import type { Network } from "../network.ts";

/** Indices of what goes through together, the longest first; padding included, no more than `tokens`. */
export function passesOf(lengths: readonly number[], tokens: number): number[][] {
  const order = lengths.map((_, index) => index);
  order.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const passes: number[][] = [];
  for (const index of order) {
    const pass = passes.at(-1);
    if (pass && (pass.length + 1) * lengths[pass[0]!]! <= tokens) pass.push(index);
    else passes.push([index]);
  }
  return passes;
}

/** The weighted mean of nll over all sequences, in nats. */
export async function meanLoss(
  network: Pick<Network, "evaluate">,
  sequences: readonly Sequence[],
  passTokens: number,
  signal?: AbortSignal,
): Promise<number> {
  let [sum, weight] = [0, 0];
  const lengths = sequences.map(({ inputs }) => inputs.length);
  for (const pass of passesOf(lengths, passTokens)) {
    const batch = stack(pass.map((index) => sequences[index]!));
    const nll = await network.evaluate(batch, signal === undefined ? {} : { signal });
    for (const [row, counts] of batch.weights.entries()) {
      sum += counts * nll[row]!;
      weight += counts;
    }
    await breathe(signal);
  }
  return weight === 0 ? 0 : sum / weight;
}
