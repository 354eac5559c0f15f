// The object that `cromwell edit --json` prints: what an edit came to, and what became of each attempt,
// under names as other programs read them.

import type { AttemptReport, EditResult } from "../editor/result.ts";
import { draftOf } from "../editor/timings.ts";
import type { Checks } from "../editor/verdict.ts";

/** What `edit --json` prints. */
export function editObject(result: EditResult, seed: number) {
  return {
    file: result.file,
    status: result.status,
    ...(result.reason === undefined ? {} : { reason: result.reason }),
    diff: result.diff,
    edited_content: result.editedContent ?? null,
    checks: checksObject(result.checks),
    region: result.region ?? null,
    attempts: result.attempts.map(attemptObject),
    draft: draftOf(result.draft),
    adapters: result.adapters,
    usage: result.usage,
    timings: result.timings,
    seed,
  };
}

function attemptObject({ status, reason, checks, repairs, logProbability, check }: AttemptReport) {
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    checks: checksObject(checks),
    repairs,
    log_probability: logProbability,
    ...(check === null ? {} : { check: { exit_code: check.exitCode, output: check.output } }),
  };
}

function checksObject({ parses, newFaults, lost, unresolved, changedLines, droppedLines }: Checks) {
  return {
    parses,
    new_faults: newFaults,
    lost,
    unresolved,
    changed_lines: changedLines,
    dropped_lines: droppedLines,
  };
}
