// Unified diffs that git and patch accept, computed by the program: a model never writes one.
// The header quotes names as git does, and lines keep their own endings.

import { structuredPatch } from "diff";

/**
 * The unified diff that turns `before` into `after`, with three lines of context and the names
 * a/`name` and b/`name`; "" where the texts are equal.
 */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return "";
  const patch = structuredPatch("", "", before, after, undefined, undefined, { context: 3 });
  const lines = [`--- ${header("a/", name)}`, `+++ ${header("b/", name)}`];
  for (const hunk of patch.hunks) {
    const from = range(hunk.oldStart, hunk.oldLines);
    const to = range(hunk.newStart, hunk.newLines);
    lines.push(`@@ -${from} +${to} @@`, ...hunk.lines);
  }
  return `${lines.join("\n")}\n`;
}

/** Lines added and removed, for a summary: "+3 -1". */
export function diffSummary(diff: string): string {
  const body = diff.split("\n").slice(2);
  const added = body.filter((line) => line.startsWith("+")).length;
  const removed = body.filter((line) => line.startsWith("-")).length;
  return `+${added} -${removed}`;
}

/** An empty range starts one line before where one would expect; a range of one needs no length. */
function range(start: number, lines: number): string {
  if (lines === 0) return `${start - 1},0`;
  return lines === 1 ? `${start}` : `${start},${lines}`;
}

/**
 * A name relative to a/ or b/, without what would lead out of the folder where a patch is applied.
 * Names with control characters, quotes or bytes beyond ASCII are quoted as git quotes them; one
 * with a space is followed by a tab, or patch would cut it there.
 */
function header(prefix: string, name: string): string {
  const path = prefix + name.replace(/^(\.?\/)+/, "");
  if (/^[ !#-[\]-~]*$/.test(path)) return path.includes(" ") ? `${path}\t` : path;
  let quoted = "";
  for (const byte of new TextEncoder().encode(path)) quoted += quotedByte(byte);
  return `"${quoted}"`;
}

function quotedByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '"' || character === "\\") return `\\${character}`;
  if (byte >= 0x20 && byte < 0x7f) return character;
  return `\\${byte.toString(8).padStart(3, "0")}`;
}

/** The diff with colours for a terminal: removed red, added green, hunk headers cyan. */
export function colouredDiff(diff: string): string {
  const colours: [string, number][] = [
    ["---", 1],
    ["+++", 1],
    ["@@", 36],
    ["-", 31],
    ["+", 32],
  ];
  const lines = diff.split("\n").map((line, index) => {
    const found = colours.find(
      ([start], rank) => line.startsWith(start) && (rank > 1 || index < 2),
    );
    return found === undefined ? line : `\x1b[${found[1]}m${line}\x1b[0m`;
  });
  return lines.join("\n");
}
