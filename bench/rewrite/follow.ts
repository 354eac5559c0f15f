// An answer that is known, followed as generation would make it: passes of as many guesses as pay, each
// taking what it takes on a machine that was measured.

import type { Draft } from "../../src/inference/draft.ts";
import { DraftLength, longestDraft } from "../../src/inference/draft-length.ts";
import { passTime } from "./machines.ts";

export interface Followed {
  /** Milliseconds from the first token to the last, without a draft and with it. */
  readonly plain: number;
  readonly time: number;
  /** Guesses that were checked, and those that were right. */
  readonly checked: number;
  readonly accepted: number;
}

/** `room`: tokens that the answer may have. */
export function follow(
  draft: Draft,
  answer: readonly number[],
  { machine, room }: { readonly machine: string; readonly room: number },
): Followed {
  const length = new DraftLength();
  let [time, at, checked, accepted] = [0, 1, 0, 0];
  while (at < answer.length) {
    const proposed = draft.propose(answer.slice(0, at), Math.min(longestDraft, room - at - 1));
    const guesses = length.choose(proposed.length);
    let right = 0;
    while (right <= guesses && right < proposed.length && proposed[right] === answer[at + right]) {
      right++;
    }
    const passed = Math.min(right, guesses);
    const wrong = right < proposed.length && right <= guesses && at + right < answer.length;
    const milliseconds = passTime(machine, guesses + 1);
    length.learn({ guesses, proposed: proposed.length, right, wrong, milliseconds });
    time += milliseconds;
    checked += guesses;
    accepted += passed;
    at += passed + 1;
  }
  return { plain: (answer.length - 1) * passTime(machine, 1), time, checked, accepted };
}
