// When a training has gone wrong for good: values that are not numbers, or a loss far above guessing. It
// ends there, before the weights are spoilt any further, and says what is still good.

import { CromwellError } from "../errors.ts";

/** A loss this many times that of guessing is no learning any more. */
const explosion = 3;

/**
 * Throws CromwellError "model" where the loss of a step is not finite, or above that of guessing and of
 * the first step. @param outputs tokens or classes to guess from; undefined where the loss is of another kind
 */
export function refuseExploded(
  step: number,
  loss: number,
  firstLoss: number,
  outputs: number | undefined,
  lastCheckpoint: string | undefined,
): void {
  if (!Number.isFinite(loss)) throw diverged(step, `the loss is ${loss}`, lastCheckpoint);
  if (outputs === undefined || step === 1) return;
  const guessing = Math.max(firstLoss, Math.log(outputs));
  if (loss <= explosion * guessing) return;
  throw diverged(step, `the loss exploded to ${loss.toFixed(1)}`, lastCheckpoint);
}

export function diverged(
  step: number,
  what: string,
  lastCheckpoint: string | undefined,
): CromwellError {
  const kept =
    lastCheckpoint === undefined
      ? "there is no checkpoint yet"
      : `the last good checkpoint is ${lastCheckpoint}`;
  return new CromwellError("model", `step ${step}: ${what}; ${kept}`, {
    hint: "lower the learning rate, clip gradients, or warm up for longer",
  });
}
