// Takes an answer forward by passes over the model, each with as many guesses of a draft as pay.
// The guesses that the model itself would have chosen are several tokens for little more than one.

import type { Answer } from "./answer.ts";
import type { Draft } from "./draft.ts";
import { DraftLength, longestDraft } from "./draft-length.ts";
import type { Session } from "./session.ts";

/** What a draft did for one answer. */
export interface DraftUse {
  /** Guesses that were checked, and those of them that were right. */
  readonly drafted: number;
  readonly accepted: number;
  /** Passes over the model; each gives one token more than it accepts. */
  readonly steps: number;
}

/** What drafts did in several pieces of work together. */
export function totalUse(uses: readonly DraftUse[]): DraftUse {
  const sum = (name: keyof DraftUse) => uses.reduce((total, use) => total + use[name], 0);
  return { drafted: sum("drafted"), accepted: sum("accepted"), steps: sum("steps") };
}

export class Drafting {
  readonly #session: Session;
  readonly #draft: Draft | undefined;
  readonly #length = new DraftLength();
  readonly #use = { drafted: 0, accepted: 0, steps: 1 };

  constructor(session: Session, draft: Draft | undefined) {
    this.#session = session;
    this.#draft = draft;
  }

  get use(): DraftUse {
    return { ...this.#use };
  }

  /** Adds the next token to the answer, and all that were guessed right before it. */
  async step(answer: Answer, signal: AbortSignal | undefined): Promise<void> {
    const proposed = this.#propose(answer);
    const guesses = proposed.slice(0, this.#length.choose(proposed.length));
    const before = answer.tokens.length;
    const started = performance.now();
    await this.#check(answer, guesses, signal);
    const milliseconds = performance.now() - started;
    const right = countRight(proposed, answer.tokens, before);
    const wrong = right < proposed.length && before + right < answer.tokens.length;
    const accepted = Math.min(right, guesses.length);
    this.#use.drafted += guesses.length;
    this.#use.accepted += accepted;
    this.#use.steps++;
    const counts = { guesses: guesses.length, proposed: proposed.length };
    this.#length.learn({ ...counts, right, wrong, milliseconds });
  }

  /** What the draft says, as far as it can be read at all. */
  #propose(answer: Answer): readonly number[] {
    // The answer's last token need not be read.
    const count = Math.min(longestDraft, answer.room - 1);
    if (this.#draft === undefined || count <= 0) return [];
    const proposed = this.#draft.propose(answer.tokens, count).slice(0, count);
    const unknown = proposed.findIndex((id) => !this.#session.knows(id));
    return unknown < 0 ? proposed : proposed.slice(0, unknown);
  }

  #check(answer: Answer, guesses: readonly number[], signal: AbortSignal | undefined) {
    let right = 0;
    const ids = [answer.tokens.at(-1)!, ...guesses];
    const check = (_: number, logits: Float32Array) => {
      const chosen = answer.choose(logits);
      return answer.finishReason === undefined && chosen === guesses[right++];
    };
    return this.#session.check(ids, check, signal);
  }
}

/** How many of the proposed tokens stand in the answer from `start` on, before the first other one. */
function countRight(proposed: readonly number[], tokens: readonly number[], start: number): number {
  let right = 0;
  while (start + right < tokens.length && proposed[right] === tokens[start + right]) right++;
  return right;
}
