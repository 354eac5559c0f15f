// A line of progress on stderr that rewrites itself, on a terminal only and at most ten times a
// second. Writes are queued: whoever works does not wait for a slow terminal.

import { basename } from "node:path";
import { ClosedOutput, type Io } from "./io.ts";
import { visible } from "./terminal.ts";

export class ProgressLine {
  readonly #io: Io;
  /** When the next text may be shown. */
  #next: number;
  /** Columns of what is shown; 0: nothing is. */
  #shown = 0;
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
    const { columns = Number.POSITIVE_INFINITY } = this.#io.stderr;
    // The last column stays free: some terminals go to the next line with it.
    const line = Bun.stringWidth(text) < columns ? text : text.slice(0, columns - 1);
    this.#write(`${this.#erasure()}${line}`);
    this.#shown = Bun.stringWidth(line);
  }

  /** Removes the line; resolves when it is gone. */
  async clear(): Promise<void> {
    if (this.#shown > 0) this.#write(this.#erasure());
    this.#shown = 0;
    await this.#pending;
  }

  /** A terminal that was made narrower since has broken the line into several. */
  #erasure(): string {
    const { columns = Number.POSITIVE_INFINITY } = this.#io.stderr;
    const above = Math.ceil(this.#shown / columns) - 1;
    return above > 0 ? `\r\x1b[${above}A\x1b[J` : "\r\x1b[2K";
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
