// A patch turned round, so that what it added is removed. The files come in the opposite order: what
// was done last is undone first.

import type { Change, FilePatch, PatchHunk } from "./patch.ts";

/** The reverse of a copy is a copy back, as for git: it is refused where the original is there. */
export function reversePatch(files: readonly FilePatch[]): FilePatch[] {
  return files.map(reverseFile).reverse();
}

const opposite: Record<Change, Change> = {
  modify: "modify",
  create: "delete",
  delete: "create",
  rename: "rename",
  copy: "copy",
};

function reverseFile(file: FilePatch): FilePatch {
  return {
    ...file,
    change: opposite[file.change],
    oldName: file.newName,
    newName: file.oldName,
    oldMode: file.newMode ?? file.oldMode,
    // Where git names one mode only, of a file that stays, it is that of both sides.
    newMode: file.newMode === undefined && file.change !== "delete" ? undefined : file.oldMode,
    hunks: file.hunks.map(reverseHunk),
  };
}

const opposites: Record<string, string> = { "+": "-", "-": "+", " ": " " };

function reverseHunk(hunk: PatchHunk): PatchHunk {
  return {
    line: hunk.line,
    oldStart: hunk.newStart,
    oldCount: hunk.newCount,
    newStart: hunk.oldStart,
    newCount: hunk.oldCount,
    lines: hunk.lines.map((line) => opposites[line[0]!] + line.slice(1)),
  };
}
