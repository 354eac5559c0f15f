// Long work cut into steps, so that one algorithm serves a caller who waits and one who must hear
// Ctrl-C meanwhile: a generator pauses wherever it could be interrupted.

import { breathe } from "../breathe.ts";

/** Work that pauses often and ends with a result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** The result of all steps, at once. */
export function allSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The result, the event loop served meanwhile. Throws CromwellError "interrupted" on abort. */
export async function breathingSteps<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    const pause = breathe(signal);
    if (pause !== undefined) await pause;
  }
}
