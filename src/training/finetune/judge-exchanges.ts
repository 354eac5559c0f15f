// How well a network answers rows that it does not learn from: the loss, and of edits the loss on what is
// changed and on what is copied, and how many a model would make that says the likeliest token each time.

import { breathe } from "../../breathe.ts";
import { stack } from "../examples/sequence.ts";
import type { Network } from "../network.ts";
import { passesOf } from "./passes.ts";
import type { PreparedExchange } from "./prepare.ts";
import type { Judgement } from "./task.ts";

export interface EditJudgement extends Judgement {
  /** Mean nll of an answer's changed tokens, and of its copied ones with its end. */
  readonly changedLoss: number;
  readonly copiedLoss: number;
  /**
   * Share of the edits of whose answers every token is the most likely one: about what a greedy model
   * gets right to the byte, at the cost of reading.
   */
  readonly exact: number;
  /** The same of each kind of edit, of a hundred at most. */
  readonly exactByKind: Readonly<Record<string, number>>;
}

/** More are no kinds, but names. */
const kindsMax = 100;

/** The weighted mean of nll, and what there is to say of edits among the rows. */
export async function judgeExchanges(
  network: Pick<Network, "judge">,
  rows: readonly PreparedExchange[],
  passTokens: number,
  signal?: AbortSignal,
): Promise<Judgement | EditJudgement> {
  const [all, changed, copied] = [new Mean(), new Mean(), new Mean()];
  const kinds = new Map<string, Mean>();
  const lengths = rows.map(({ inputs }) => inputs.length);
  for (const pass of passesOf(lengths, passTokens)) {
    const batch = stack(pass.map((index) => rows[index]!));
    const { nll, likeliest } = await network.judge(batch, { signal });
    for (const [place, index] of pass.entries()) {
      const row = rows[index]!;
      const first = place * batch.length;
      let isExact = true;
      for (const [at, weight] of row.weights.entries()) {
        if (weight === 0) continue;
        all.add(nll[first + at]!, weight);
        // Where everything is learnt the prompt counts, but it is no part of the edit.
        if (row.changed === undefined || row.answer?.[at] !== 1) continue;
        (row.changed[at] === 1 ? changed : copied).add(nll[first + at]!);
        isExact &&= likeliest[first + at] === 1;
      }
      if (row.changed === undefined) continue;
      const kind = row.kind ?? "";
      if (!kinds.has(kind)) kinds.set(kind, new Mean());
      kinds.get(kind)!.add(isExact ? 1 : 0);
    }
    await breathe(signal);
  }
  const whole = { loss: all.value, bitsPerByte: null };
  if (kinds.size === 0) return whole;
  return {
    ...whole,
    changedLoss: changed.value,
    copiedLoss: copied.value,
    exact: Mean.of(kinds.values()).value,
    exactByKind: Object.fromEntries(
      [...kinds]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, kindsMax)
        .map(([kind, { value }]) => [kind, value] as const),
    ),
  };
}

class Mean {
  #sum = 0;
  #weight = 0;

  static of(means: Iterable<Mean>): Mean {
    const all = new Mean();
    for (const mean of means) {
      all.#sum += mean.#sum;
      all.#weight += mean.#weight;
    }
    return all;
  }

  add(value: number, weight = 1): void {
    this.#sum += weight * value;
    this.#weight += weight;
  }

  get value(): number {
    return this.#weight === 0 ? 0 : this.#sum / this.#weight;
  }
}

/** Shares of changed tokens among the answers that are learnt of edits: of the tokens, and of their weight in the loss. */
export function changedShares(
  rows: readonly PreparedExchange[],
): { tokens: number; loss: number } | undefined {
  const [tokens, loss] = [new Mean(), new Mean()];
  for (const { weights, changed, answer } of rows) {
    if (changed === undefined) continue;
    for (const [at, weight] of weights.entries()) {
      if (weight === 0 || answer?.[at] !== 1) continue;
      tokens.add(changed[at]!);
      loss.add(changed[at]!, weight);
    }
  }
  return rows.some(({ changed }) => changed !== undefined)
    ? { tokens: tokens.value, loss: loss.value }
    : undefined;
}
