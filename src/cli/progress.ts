// A line of progress on stderr that rewrites itself, on a terminal only and at most ten times a
// second. Writes are queued: whoever works does not wait for a slow terminal.

import { basename } from "node:path";
import { ClosedOutput, type Io } from "./io.ts";
import { visible } from "./terminal.ts";

export class ProgressLine {
  readonly #io: Io;
  /** When the next text may be shown. */
  #next: number;
  #shown = false;
  #pending: Promise<void> = Promise.resolve();

  /** @param delayMs what ends within this time shows nothing */
  constructor(io: Io, delayMs = 0) {
    this.#io = io;
    this.#next = performance.now() + delayMs;
  }

  /** Shows `text` if it is time to. */
  show(text: string): void {
    const now = performance.now();
    if (!this.#io.stderr.styled || now < this.#next) return;
    this.#next = now + 100;
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

/** What `load` gives; how far it is shows on stderr where it takes longer than one waits unasked. */
export async function whileLoading<T>(
  io: Io,
  path: string,
  load: (onProgress: (fraction: number) => void) => Promise<T>,
): Promise<T> {
  const progress = new ProgressLine(io, 300);
  const name = visible(basename(path), 40);
  try {
    return await load((part) => progress.show(`loading ${name} ${Math.floor(part * 100)} %`));
  } finally {
    await progress.clear();
  }
}
