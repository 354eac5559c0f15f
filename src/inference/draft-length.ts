// Decides how many guesses of a draft to check at once: as many as give the most tokens a second, by
// what passes of each size cost on this machine and how often guesses were right, both as observed.

import { PassCost } from "./pass-cost.ts";

/** Most guesses that are checked in one pass. */
export const longestDraft = 127;

/** What came of one pass. */
export interface DraftOutcome {
  /** Guesses that were checked, of those that the draft made. */
  readonly guesses: number;
  readonly proposed: number;
  /** Guesses, checked or not, that were right, up to the first wrong one. */
  readonly right: number;
  /** Whether a wrong one was seen; else all that could be compared were right. */
  readonly wrong: boolean;
  readonly milliseconds: number;
}

export class DraftLength {
  readonly #cost = new PassCost();
  readonly #hits = new HitRate();
  /** Right guesses since the last wrong one. */
  #run = 0;

  /** How many of the guesses on offer to check. */
  choose(offered: number): number {
    let best = 0;
    let highest = 1 / this.#cost.of(1);
    let reached = 1;
    let expected = 1;
    for (let count = 1; count <= offered; count++) {
      reached *= this.#hits.after(this.#run + count - 1);
      expected += reached;
      const rate = expected / this.#cost.of(count + 1);
      if (rate <= highest) continue;
      highest = rate;
      best = count;
    }
    return best;
  }

  /** Unchecked guesses teach as well: one token a pass is there to compare with. */
  learn({ guesses, proposed, right, wrong, milliseconds }: DraftOutcome): void {
    this.#cost.learn(guesses + 1, milliseconds);
    for (let i = 0; i < right; i++) this.#hits.learn(this.#run + i, true);
    if (wrong) this.#hits.learn(this.#run + right, false);
    this.#run = wrong || proposed === 0 ? 0 : this.#run + right;
  }
}

/** After runs of 0, 1, 2 to 3, 4 to 7, ... right guesses: what drafts reach that are worth having. */
const usual = [0.7, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995];

/** Guesses that a rate remembers: more where one wrong guess is rare, and would say too much. */
const memory = usual.map((rate) => Math.min(400, Math.max(8, 2 / (1 - rate))));

/** How often a guess is right, by how many before it were. */
class HitRate {
  readonly #rates: number[] = [...usual];

  after(run: number): number {
    return this.#rates[classOf(run)]!;
  }

  learn(run: number, right: boolean): void {
    const at = classOf(run);
    this.#rates[at]! += ((right ? 1 : 0) - this.#rates[at]!) / memory[at]!;
  }
}

function classOf(run: number): number {
  return Math.min(usual.length - 1, run === 0 ? 0 : 1 + Math.floor(Math.log2(run)));
}
