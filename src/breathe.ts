// Lets the event loop run now and then during long work, so that signals, timers and other tasks
// are served; long work is otherwise one synchronous kernel call after another.

import { CromwellError } from "./errors.ts";

const intervalMs = 25;
let last = performance.now();

/** A promise to await where it is time to; undefined costs nothing. Throws once the signal aborts. */
export function breathe(signal: AbortSignal | undefined): Promise<void> | undefined {
  throwIfInterrupted(signal);
  const now = performance.now();
  if (now - last < intervalMs) return undefined;
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    last = performance.now();
    throwIfInterrupted(signal);
  });
}

export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CromwellError("interrupted", "interrupted");
}
