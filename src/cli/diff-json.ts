// A file's diff as a JSON object, piece by piece: that of a long text is larger than a string may be.
// The words that changed are part of it, so that a program need not look for them again.

import type { FileDiff } from "../patch/file-diff.ts";
import type { Hunk, HunkLine, LineKind } from "../patch/hunks.ts";
import { changedWords, type Range } from "../patch/words.ts";

/** The pieces of one object. */
export function* diffJson(diff: FileDiff): Generator<string> {
  const { old, new: recent, binary, encoding, hunks } = diff;
  const status = old === undefined ? "added" : recent === undefined ? "removed" : "modified";
  const about = {
    old_name: old?.name ?? null,
    new_name: recent?.name ?? null,
    status,
    old_mode: old?.mode ?? null,
    new_mode: recent?.mode ?? null,
    binary,
    encoding,
    lines_added: count(hunks, "added"),
    lines_removed: count(hunks, "removed"),
  };
  yield `${JSON.stringify(about).slice(0, -1)},"hunks":[`;
  for (const [index, hunk] of hunks.entries()) {
    yield (index === 0 ? "" : ",") + JSON.stringify(hunkObject(hunk));
  }
  yield "]}";
}

function count(hunks: readonly Hunk[], kind: LineKind): number {
  return hunks.reduce(
    (sum, { lines }) => sum + lines.filter((line) => line.kind === kind).length,
    0,
  );
}

function hunkObject({ oldStart, oldLines, newStart, newLines, section, lines }: Hunk) {
  const words = changedWords(lines);
  return {
    old_start: oldStart,
    old_lines: oldLines,
    new_start: newStart,
    new_lines: newLines,
    section,
    lines: lines.map((line, index) => lineObject(line, words.get(index))),
  };
}

function lineObject({ kind, text }: HunkLine, changed: readonly Range[] | undefined) {
  const newline = text.endsWith("\n");
  const content = newline ? text.slice(0, -1) : text;
  if (changed === undefined) return { kind, text: content, newline };
  return { kind, text: content, newline, words: pieces(content, changed) };
}

/** The line cut where changed words begin and end. */
function pieces(text: string, changed: readonly Range[]): { text: string; changed: boolean }[] {
  const all: { text: string; changed: boolean }[] = [];
  let at = 0;
  for (const { start, end } of changed) {
    if (start > at) all.push({ text: text.slice(at, start), changed: false });
    all.push({ text: text.slice(start, end), changed: true });
    at = end;
  }
  if (at < text.length) all.push({ text: text.slice(at), changed: false });
  return all;
}
