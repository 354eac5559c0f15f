// Decides how many guesses of a draft to check at once, from what batches of each size cost here and
// how often guesses were right.

/** Most tokens checked in one pass. */
export const longestDraft = 64;

export interface DraftOutcome {
  readonly guesses: number;
  readonly proposed: number;
  readonly right: number;
  readonly milliseconds: number;
}

export class DraftLength {
  #run = 0;

  choose(offered: number): number {
    return Math.min(offered, Math.max(4, 2 * this.#run));
  }

  learn({ guesses, right }: DraftOutcome): void {
    this.#run = right < guesses ? right : this.#run + right;
  }
}
