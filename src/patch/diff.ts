// Unified diffs that git and patch accept, computed by the program: a model never writes one.
// Names are quoted as git quotes them, and lines keep their own endings.

import { type Hunk, type HunkLine, type HunkOptions, hunkSteps } from "./hunks.ts";
import { allSteps } from "./steps.ts";

export interface DiffOptions extends HunkOptions {
  /** The old text's name where it is another one; /dev/null for a file that is to be made. */
  readonly from?: string;
  /** The new text's name where it is another one; /dev/null for a file that is to be removed. */
  readonly to?: string;
}

/**
 * The unified diff that turns `before` into `after`, the files being called a/`name` and b/`name`; ""
 * where the texts are equal. Every line but the last ends with a newline and may end with CR.
 */
export function unifiedDiff(
  name: string,
  before: string,
  after: string,
  options: DiffOptions = {},
): string {
  if (before === after) return "";
  const { from = name, to = name } = options;
  const hunks = allSteps(hunkSteps(before, after, options));
  return fileHeader(from, to) + hunks.map(hunkText).join("");
}

/** The two lines that name the files; undefined stands for none. */
export function fileHeader(from = "/dev/null", to = "/dev/null"): string {
  return `--- ${headerName("a/", from)}\n+++ ${headerName("b/", to)}\n`;
}

/** A hunk as it stands in a diff. */
export function hunkText(hunk: Hunk): string {
  return hunkHeader(hunk) + hunk.lines.map(lineText).join("");
}

/** The line that says where a hunk belongs. */
export function hunkHeader({ oldStart, oldLines, newStart, newLines, section }: Hunk): string {
  const positions = `-${range(oldStart, oldLines)} +${range(newStart, newLines)}`;
  return `@@ ${positions} @@${section === "" ? "" : ` ${section}`}\n`;
}

export const signs = { context: " ", removed: "-", added: "+" } as const;

/** What follows a line that is the last of its text and has no end. */
export const noNewline = "\\ No newline at end of file\n";

function lineText({ kind, text }: HunkLine): string {
  return signs[kind] + (text.endsWith("\n") ? text : `${text}\n${noNewline}`);
}

/** Lines added and removed, for a summary: "+3 -1". */
export function diffSummary(diff: string): string {
  const body = diff.split("\n").slice(2);
  const added = body.filter((line) => line.startsWith("+")).length;
  const removed = body.filter((line) => line.startsWith("-")).length;
  return `+${added} -${removed}`;
}

/** A range of one line needs no length. */
function range(start: number, lines: number): string {
  return lines === 1 ? `${start}` : `${start},${lines}`;
}

/** A quoted name; one with a space is followed by a tab, or patch would cut it there. */
function headerName(prefix: string, name: string): string {
  if (name === "/dev/null") return name;
  const quoted = quotedName(prefix, name);
  return quoted.includes(" ") && !quoted.startsWith('"') ? `${quoted}\t` : quoted;
}

/**
 * A name relative to a/ or b/, without what would lead out of the folder where a patch is applied.
 * Names with control characters, quotes or bytes beyond ASCII are quoted as git quotes them, and so
 * are those that end with a space, which patch would cut off.
 */
export function quotedName(prefix: string, name: string): string {
  const path = prefix + name.replace(/^(\.?\/)+/, "");
  if (/^[ !#-[\]-~]*[!#-[\]-~]$/.test(path)) return path;
  let quoted = "";
  for (const byte of new TextEncoder().encode(path)) quoted += quotedByte(byte);
  return `"${quoted}"`;
}

/** The control characters that git writes with a letter. */
const letters: Record<number, string> = {
  7: "a",
  8: "b",
  9: "t",
  10: "n",
  11: "v",
  12: "f",
  13: "r",
};

function quotedByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '"' || character === "\\") return `\\${character}`;
  if (byte >= 0x20 && byte < 0x7f) return character;
  return `\\${letters[byte] ?? byte.toString(8).padStart(3, "0")}`;
}
