// What a patch says once it is read: the files that it changes, and how. Lines are kept as bytes, one
// character each (latin1), so that a patch fits a file of any encoding byte for byte.

import { CromwellError } from "../errors.ts";

export type Change = "modify" | "create" | "delete" | "rename" | "copy";

export interface PatchHunk {
  /** Line of its header in the patch, from 1. */
  readonly line: number;
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  /**
   * " ", "-" or "+", then the line, one character a byte (latin1), with its newline; one without it
   * ends the file.
   */
  readonly lines: readonly string[];
}

export interface FilePatch {
  /** Line of its header in the patch, from 1. */
  readonly line: number;
  readonly change: Change;
  /** Undefined for a file that is created. */
  readonly oldName: string | undefined;
  /** Undefined for a file that is deleted. */
  readonly newName: string | undefined;
  /** As git writes it, 0o100644 or 0o100755, where the patch tells. */
  readonly oldMode: number | undefined;
  readonly newMode: number | undefined;
  /** Whether it changes a binary file, which is recognised and not read. */
  readonly binary: boolean;
  /** A plain diff, without git's header, of which not even the names tell whether the file exists. */
  readonly plain: boolean;
  readonly hunks: readonly PatchHunk[];
}

/** What is wrong with a patch as such, at a line of it that counts from 1. */
export function patchError(line: number, message: string, hint?: string): CromwellError {
  const options = hint === undefined ? {} : { hint };
  return new CromwellError("input", `line ${line} of the patch: ${message}`, options);
}

/** The name that messages use: that of the result, or of the file that goes. */
export function nameOf(file: FilePatch): string {
  return file.newName ?? file.oldName ?? "?";
}

/** Lines added and removed by all hunks. */
export function changedLines(hunks: readonly PatchHunk[]): { added: number; removed: number } {
  let added = 0;
  let removed = 0;
  for (const { lines } of hunks) {
    for (const line of lines) {
      if (line.startsWith("+")) added++;
      else if (line.startsWith("-")) removed++;
    }
  }
  return { added, removed };
}

/** What makes a well-formed patch unacceptable for the files as they are. */
export function refusal(message: string, hint?: string): CromwellError {
  return new CromwellError("rejected", message, hint === undefined ? {} : { hint });
}
