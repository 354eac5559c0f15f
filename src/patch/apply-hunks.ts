// One file's hunks applied to its text, byte for byte. A file and a patch that differ only in their
// line endings, each of one kind throughout, are brought together; else nothing is bent to fit.

import { CromwellError } from "../errors.ts";
import type { PatchHunk } from "./patch.ts";
import { type Progress, placeHunk } from "./place-hunk.ts";
import { breathingSteps, type Steps } from "./steps.ts";
import { type SearchBudget, TargetText } from "./target-text.ts";

export interface AppliedHunk {
  /** Line of the new text, from 1, where the hunk now begins. */
  readonly line: number;
  /** Lines between the stated place and the one found; negative: above it. */
  readonly offset: number;
  /** Context lines that had to be left out at either end. */
  readonly fuzz: number;
}

export interface AppliedHunks {
  readonly text: string;
  readonly hunks: readonly AppliedHunk[];
  /** Where the patch has the other line endings: those of the file, which the new lines took. */
  readonly lineEndings: "lf" | "crlf" | undefined;
}

export interface HunkOptions {
  readonly fuzz: number;
  readonly budget: SearchBudget;
  readonly signal?: AbortSignal | undefined;
}

/** Throws CromwellError "rejected" for the first hunk that has no certain place, "interrupted". */
export function applyHunks(
  text: string,
  hunks: readonly PatchHunk[],
  options: HunkOptions,
): Promise<AppliedHunks> {
  return breathingSteps(applySteps(text, hunks, options), options.signal);
}

function* applySteps(
  text: string,
  hunks: readonly PatchHunk[],
  { budget, fuzz }: HunkOptions,
): Steps<AppliedHunks> {
  const target = yield* TargetText.read(text, budget);
  try {
    return { ...(yield* place(target, hunks, fuzz)), lineEndings: undefined };
  } catch (error) {
    const unfit = error instanceof CromwellError && error.code === "rejected";
    const other = unfit ? otherEndings(text, hunks) : undefined;
    if (other === undefined) throw error;
    const mapped = hunks.map((hunk) => withEndings(hunk, other));
    return { ...(yield* place(target, mapped, fuzz)), lineEndings: other };
  }
}

function* place(
  target: TargetText,
  hunks: readonly PatchHunk[],
  fuzz: number,
): Steps<Omit<AppliedHunks, "lineEndings">> {
  const done: Progress = { floor: 0, grown: 0, taken: [] };
  const parts: string[] = [];
  const applied: AppliedHunk[] = [];
  for (const hunk of hunks) {
    yield;
    const {
      at,
      oldLines,
      newLines,
      offset,
      fuzz: used,
    } = yield* placeHunk(target, hunk, done, fuzz);
    parts.push(target.slice(done.floor, at), newLines.join(""));
    applied.push({ line: at + done.grown + 1, offset, fuzz: used });
    done.floor = at + oldLines.length;
    done.grown += newLines.length - oldLines.length;
    done.taken.push([at, done.floor]);
  }
  parts.push(target.slice(done.floor, target.lineCount));
  return { text: parts.join(""), hunks: applied };
}

/** The endings of the text, where all its lines have one kind and all those of the hunks the other. */
function otherEndings(text: string, hunks: readonly PatchHunk[]): "lf" | "crlf" | undefined {
  const ours = endingsOf(text);
  const lines = new Set(hunks.flatMap((hunk) => hunk.lines.map(endingsOf)));
  lines.delete(undefined);
  if (ours === undefined || ours === "mixed" || lines.size !== 1) return undefined;
  return lines.has(ours === "lf" ? "crlf" : "lf") ? ours : undefined;
}

function endingsOf(text: string): "lf" | "crlf" | "mixed" | undefined {
  if (!text.includes("\n")) return undefined;
  if (!text.includes("\r\n")) return "lf";
  return /(?:^|[^\r])\n/.test(text) ? "mixed" : "crlf";
}

function withEndings(hunk: PatchHunk, endings: "lf" | "crlf"): PatchHunk {
  const end = endings === "lf" ? "\n" : "\r\n";
  return { ...hunk, lines: hunk.lines.map((line) => line.replace(/\r?\n$/, end)) };
}
