// Work on one thing's memory, one task at a time in the order they were asked for; and the end of that
// memory, which waits for the task in work.

import { throwIfInterrupted } from "../breathe.ts";
import { CromwellError } from "../errors.ts";

export class Turns {
  readonly #what: string;
  /** Ends with the last task that was asked for. */
  #last: Promise<unknown> = Promise.resolve();
  #running = 0;
  #closed: Promise<void> | undefined;

  /** @param what the thing, for messages */
  constructor(what: string) {
    this.#what = what;
  }

  /**
   * Runs a task when those before it have ended; an abort ends the wait. Throws CromwellError "usage" once
   * closed.
   */
  async run<T>(task: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#refuseClosed();
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = Promise.all([before, turn.promise]);
    this.#running++;
    try {
      await endOrAbort(before, signal);
      this.#refuseClosed();
      return await task();
    } finally {
      this.#running--;
      turn.resolve();
    }
  }

  /** Frees at once where nothing runs, else after the task in work; those that wait are refused. */
  close(free: () => void): Promise<void> {
    if (this.#closed !== undefined) return this.#closed;
    if (this.#running > 0) {
      this.#closed = this.#last.then(free);
    } else {
      free();
      this.#closed = Promise.resolve();
    }
    return this.#closed;
  }

  #refuseClosed(): void {
    if (this.#closed !== undefined) throw new CromwellError("usage", `${this.#what} is closed`);
  }
}

async function endOrAbort(end: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const hear = () => aborted.resolve();
  throwIfInterrupted(signal);
  signal?.addEventListener("abort", hear);
  try {
    await Promise.race([end, aborted.promise]);
  } finally {
    signal?.removeEventListener("abort", hear);
  }
  throwIfInterrupted(signal);
}
