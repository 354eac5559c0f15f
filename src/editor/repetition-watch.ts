// Watches an answer for lines that it says over and over, as small models do when they are lost: they
// would go on until the limit of tokens.

import type { AnswerFault, Watch } from "./attempt.ts";

/** Lines of a run that is looked for, and how often it must come in a row, in so many lines at least. */
const longestRun = 8;
const timesMin = 4;
const linesMin = 12;

export class RepetitionWatch implements Watch {
  readonly #lines: string[] = [];
  readonly #allowed: number;

  /** @param original what repeats itself there may do so in the answer, and a little more */
  constructor(original: string) {
    const lines = original.split("\n");
    const longest = Math.max(...lines.map((_, last) => repeated(lines, last)));
    this.#allowed = Math.max(linesMin, longest + linesMin);
  }

  line(text: string): AnswerFault | undefined {
    this.#lines.push(text);
    const length = repeated(this.#lines, this.#lines.length - 1);
    if (length < this.#allowed) return undefined;
    return { line: this.#lines.length - length, fault: "the same lines over and over" };
  }

  end(): undefined {
    return undefined;
  }

  close(): void {}
}

/** How many lines up to the last one are one run of lines said several times; 0 where none is. */
function repeated(lines: readonly string[], last: number): number {
  let most = 0;
  for (let run = 1; run <= longestRun; run++) {
    let same = last;
    while (same >= run && lines[same] === lines[same - run]) same--;
    const length = last - same + run;
    if (length >= run * timesMin && length > most) most = length;
  }
  return most;
}
