// The state of a run in one word, from what it told last and whether a process trains it now: one that was
// killed told "running". This runs in the browser too.

import type { StepReport } from "../events.ts";
import type { RunStatus } from "./history.ts";

export type RunWord = "running" | "paused" | "stopping" | "stopped" | "finished" | "failed";

export function runWord(
  { status, step }: { readonly status: RunStatus | null; readonly step: StepReport | null },
  training: boolean,
): RunWord {
  const state = status?.state ?? "running";
  if (state === "failed") return "failed";
  // A run that was stopped ends in order too, before its last step.
  if (state === "finished") return step !== null && step.step < step.steps ? "stopped" : "finished";
  return training ? state : "stopped";
}
