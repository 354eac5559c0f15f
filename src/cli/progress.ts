// A line of progress on stderr that rewrites itself, on a terminal only and at most ten times a
// second. Writes are queued: whoever works does not wait for a slow terminal.

import { ClosedOutput, type Io } from "./io.ts";

export class ProgressLine {
  readonly #io: Io;
  #last = Number.NEGATIVE_INFINITY;
  #shown = false;
  #pending: Promise<void> = Promise.resolve();

  constructor(io: Io) {
    this.#io = io;
  }

  /** Shows `text` if it is time to. */
  show(text: string): void {
    const now = performance.now();
    if (!this.#io.stderr.styled || now - this.#last < 100) return;
    this.#last = now;
    this.#shown = true;
    this.#write(`\r\x1b[2K${text}`);
  }

  /** Removes the line; resolves when it is gone. */
  async clear(): Promise<void> {
    if (this.#shown) this.#write("\r\x1b[2K");
    this.#shown = false;
    await this.#pending;
  }

  #write(text: string): void {
    // A terminal that is gone takes the progress with it; the work itself goes on.
    this.#pending = this.#pending
      .then(() => this.#io.stderr.write(text))
      .catch((error) => {
        if (!(error instanceof ClosedOutput)) throw error;
      });
  }
}
