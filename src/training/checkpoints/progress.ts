// How far a run has come: with the weights and the optimizer's state, all that decides what comes next.
// Random numbers are drawn from the seed and the step, so these stand for their state too.

import { CromwellError } from "../../errors.ts";

/** What is done between steps besides checkpoints. */
export type Due = "evaluation" | "sample";

export interface Progress {
  /** Steps done. */
  readonly step: number;
  /** Tokens seen, padding left out. */
  readonly tokens: number;
  readonly seconds: number;
  /** Of the last step and of the first; NaN before it. */
  readonly loss: number;
  readonly firstLoss: number;
  /** The best evaluation. */
  readonly best: { readonly step: number; readonly loss: number } | null;
  /** What should have followed the last step, and was interrupted. */
  readonly due: readonly Due[];
  /** Of the source of steps. */
  readonly position: unknown;
}

/** Checks what a checkpoint says; `path` names it in the error. */
export function parseProgress(path: string, text: string): Progress {
  const value = parse(text);
  const isNumber = (number: unknown) => typeof number === "number" && Number.isFinite(number);
  const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0;
  const isBest = (best: Progress["best"]) =>
    best === null || (isCount(best?.step) && isNumber(best.loss));
  const { step, tokens, seconds, loss, firstLoss, best = null, due = [], position } = value ?? {};
  const isWhole = isCount(step) && isCount(tokens) && isNumber(seconds) && isBest(best);
  const isDue = Array.isArray(due) && due.every((one) => one === "evaluation" || one === "sample");
  const isLoss = [loss, firstLoss].every((number) => number === null || isNumber(number));
  if (!isWhole || !isLoss || !isDue || position === undefined) {
    throw new CromwellError("model", `${path}: what it says of the run's progress is damaged`);
  }
  const read = { step, tokens, seconds, best, due, position } as Omit<
    Progress,
    "loss" | "firstLoss"
  >;
  return { ...read, loss: loss ?? Number.NaN, firstLoss: firstLoss ?? Number.NaN };
}

/** JSON has no NaN: it becomes null. */
function parse(text: string): Partial<Progress> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
