// What an edit comes to: the best answer as a diff and a whole text, and what became of each attempt.
// The command line prints it, and a program reads it.

import type { DraftUse } from "../inference/drafting.ts";
import type { CheckOutcome } from "./check-command.ts";
import type { Timings, Usage } from "./timings.ts";
import type { Checks, EditStatus } from "./verdict.ts";

/** One answer of the model and what was made of it. */
export interface AttemptReport {
  readonly status: EditStatus;
  /** Why it was not taken, as one sentence fragment; undefined for an acceptable edit. */
  readonly reason: string | undefined;
  readonly checks: Checks;
  /** How often it was taken back to an earlier line and drawn again. */
  readonly repairs: number;
  /** Mean natural logarithm of its tokens' probabilities; null with one attempt, or without an answer. */
  readonly logProbability: number | null;
  /** What the user's command said of it; null where it was not asked. */
  readonly check: CheckOutcome | null;
}

export interface EditResult {
  /** Whether there is an edit to apply. */
  readonly success: boolean;
  readonly status: EditStatus;
  /** Why there is none, as one sentence fragment. */
  readonly reason: string | undefined;
  readonly file: string;
  /** Unified diff that git and patch accept; "" without an edit. */
  readonly diff: string;
  /** The whole new file, with the original's BOM and line endings; undefined without an edit. */
  readonly editedContent: string | undefined;
  readonly checks: Checks;
  /** What was sent to the model: a function, a class or lines; undefined for the whole file. */
  readonly region: string | undefined;
  /** Every attempt in the order in which it was made. */
  readonly attempts: readonly AttemptReport[];
  /** What the original did as a draft. */
  readonly draft: DraftUse;
  /** Names of the adapters in use. */
  readonly adapters: readonly string[];
  readonly usage: Usage;
  readonly timings: Timings;
  /**
   * Writes the edit to the file, atomically, if the file is still what was read; to another file
   * with `path`. Throws CromwellError "rejected" without an edit and "input" if it cannot write.
   */
  apply(path?: string): Promise<void>;
}
