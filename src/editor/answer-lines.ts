// The lines of code in an answer that is still coming: each one as soon as it is complete, so that a
// bad answer can be stopped at the end of its first bad line.

import { closesFence } from "./answer.ts";

export class AnswerLines {
  readonly #fence: string;
  #pending = "";
  #begun = false;
  #ended = false;
  /** The fence that the code stands in: the prompt's, or the model's own. */
  #open: string;

  /** @param fence what the prompt opened the answer with */
  constructor(fence: string) {
    this.#fence = fence;
    this.#open = fence;
  }

  /** Adds text and returns the lines of code that it completed. */
  push(text: string): string[] {
    this.#pending += text;
    const lines = this.#pending.split("\n");
    this.#pending = lines.pop()!;
    return lines.filter((line) => this.#isCode(line));
  }

  #isCode(line: string): boolean {
    if (this.#ended) return false;
    if (!this.#begun && line.trim() !== "") {
      this.#begun = true;
      const own = /^\s*(`{3,})[^`]*$/.exec(line)?.[1];
      if (own !== undefined && own.length >= this.#fence.length) {
        this.#open = own;
        return false;
      }
    }
    this.#ended = closesFence(line, this.#open);
    return !this.#ended;
  }
}
