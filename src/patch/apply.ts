// Applies a patch to the files of a folder: all of it is worked out and checked first, then all files
// are written, or none.

import { realpathSync, statSync } from "node:fs";
import { CromwellError, systemReason } from "../errors.ts";
import { writeFiles } from "../project/write.ts";
import { parseSteps } from "./parse.ts";
import { type AppliedFile, Plan } from "./plan.ts";
import { reversePatch } from "./reverse.ts";
import { breathingSteps } from "./steps.ts";
import { belowFolder } from "./subfolder.ts";
import { SearchBudget } from "./target-text.ts";

export interface ApplyOptions {
  /** The folder that the names of the patch are relative to; nothing outside it is touched. */
  readonly root: string;
  /** Leading folders of each name to leave out; 1, or 0 where a plain diff's names have none. */
  readonly strip?: number | undefined;
  /** From the top of its repository to the root, "src/", for patches as git names them there; "". */
  readonly prefix?: string | undefined;
  /** Take away what the patch adds, and bring back what it removes. */
  readonly reverse?: boolean | undefined;
  /** Context lines that may be left out at either end of a hunk that fits nowhere; 0. */
  readonly fuzz?: number | undefined;
  /** Check all and write nothing. */
  readonly dryRun?: boolean | undefined;
  /** Folder of the undo journal; without it the change cannot be undone. */
  readonly journal?: string | undefined;
  /** What the journal calls this change; "apply". */
  readonly label?: string | undefined;
  /** Where the user is, for `undo` there; the process's folder. */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives what the user should know: that the change cannot be undone, and why. */
  readonly onNotice?: ((line: string) => void) | undefined;
}

export interface ApplyResult {
  /** Whether there are files and each takes its part; where not, nothing was written. */
  readonly success: boolean;
  /** In the order of the patch; a refused one has its reason. */
  readonly files: readonly AppliedFile[];
  /** Files of the repository that are not below the root: `git apply` leaves them out, too. */
  readonly skipped: readonly string[];
}

/**
 * Applies a patch as `git apply` would, or refuses it whole. Throws CromwellError "input" for a
 * malformed patch, for a root that is no folder and where a file cannot be written, and "interrupted";
 * nothing is written then either.
 */
export async function applyPatch(
  patch: Uint8Array | string,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { strip, prefix = "", reverse = false, fuzz = 0, dryRun = false } = options;
  const { label = "apply", journal, folder, signal, onNotice } = options;
  const parsed = await breathingSteps(parseSteps(patch, { strip, prefix }), signal);
  const root = realRoot(options.root);
  const plan = new Plan(root, { fuzz, budget: new SearchBudget(), signal });
  const { files, skipped } = belowFolder(reverse ? reversePatch(parsed) : parsed, prefix);
  await plan.add(files);
  const success = files.length > 0 && plan.files.every(({ reason }) => reason === undefined);
  if (success && !dryRun) {
    const write = { root, label, journal, folder, signal, onNotice };
    await writeFiles(plan.changes(), write);
  }
  return { success, files: plan.files, skipped };
}

function realRoot(root: string): string {
  try {
    const real = realpathSync(root);
    if (statSync(real).isDirectory()) return real;
  } catch (cause) {
    throw new CromwellError("input", `cannot apply in ${root}: ${systemReason(cause)}`, { cause });
  }
  throw new CromwellError("input", `cannot apply in ${root}: it is not a folder`);
}
