// Reads patches: unified diffs and git's extended ones, any number in one text, whatever stands around
// them (mail headers, commit messages, signatures). Nothing that looks like a change is passed over.

import { CromwellError } from "../errors.ts";
import type { FilePatch } from "./patch.ts";
import { type Header, readGitHeader, readPlainHeader } from "./patch-header.ts";
import { isHunkHeader, readHunks } from "./patch-hunk.ts";
import { PatchReader } from "./patch-reader.ts";
import { allSteps, type Steps } from "./steps.ts";

const filesMax = 10_000;

export interface ParseOptions {
  /** Leading folders of each name to leave out; 1, or 0 where a plain diff's names have none. */
  readonly strip?: number | undefined;
  /** From the repository's top to where the user is, "src/": names of plain diffs may begin with it. */
  readonly prefix?: string | undefined;
}

/**
 * The files that a patch changes, in its order. Throws CromwellError "input" with the line of the
 * patch for one that is malformed, cut off or too large (64 MiB, two million lines, 10,000 files), and
 * for a text that holds no patch.
 */
export function parsePatch(patch: Uint8Array | string, options: ParseOptions = {}): FilePatch[] {
  return allSteps(parseSteps(patch, options));
}

/** The same in steps, for a caller who is to be interrupted. */
export function* parseSteps(patch: Uint8Array | string, options: ParseOptions): Steps<FilePatch[]> {
  const reader = new PatchReader(patch);
  const files: FilePatch[] = [];
  while (reader.current !== undefined) {
    const file = yield* readFilePatch(reader, options);
    if (reader.number % 1024 === 0) yield;
    if (file === undefined) continue;
    if (files.length === filesMax) {
      throw reader.error(`a patch may change ${filesMax} files at most`);
    }
    files.push(file);
  }
  if (files.length === 0) {
    throw new CromwellError("input", "no patch was found in the text", {
      hint: "it should hold unified diffs, as `git diff` and `diff -u` make them",
    });
  }
  return files;
}

/** The patch that begins at the reader's line, or undefined and the reader one line further. */
function* readFilePatch(
  reader: PatchReader,
  { strip, prefix }: ParseOptions,
): Steps<FilePatch | undefined> {
  const line = reader.header;
  if (line.startsWith("diff --git ")) {
    const header = readGitHeader(reader, strip ?? 1);
    return header === undefined ? undefined : yield* withHunks(reader, header);
  }
  if (line.startsWith("--- ") && reader.following.startsWith("+++ ")) {
    if (reader.second.startsWith("@@ -"))
      return yield* withHunks(reader, readPlainHeader(reader, strip, prefix));
    refuseOddHunk(reader);
  }
  if (isHunkHeader(line)) {
    throw reader.error("a hunk without a header that names its file");
  }
  if (/^diff --(?:cc|combined) /.test(line)) {
    throw reader.error(
      "a combined diff of a merge cannot be applied",
      "make one with `git diff HEAD`",
    );
  }
  if (isBinaryNote(line)) {
    throw reader.error(`a binary file is not patched: ${line.slice(0, 200)}`);
  }
  reader.advance();
  return undefined;
}

function refuseOddHunk(reader: PatchReader): void {
  if (!reader.second.startsWith("@@")) return;
  reader.advance();
  reader.advance();
  throw reader.error("a hunk should begin with @@ -LINE,COUNT +LINE,COUNT @@");
}

function isBinaryNote(line: string): boolean {
  return /^(?:Binary files|Files) .* differ$/.test(line);
}

function* withHunks(reader: PatchReader, header: Header): Steps<FilePatch> {
  const hunks = yield* readHunks(reader);
  const binary =
    hunks.length === 0 && (reader.header === "GIT binary patch" || isBinaryNote(reader.header));
  if (binary) reader.advance();
  const file = { ...header, binary, hunks };
  refuseContradiction(reader, file);
  return file;
}

function refuseContradiction(reader: PatchReader, file: FilePatch): void {
  const { change, hunks, oldMode, newMode, line } = file;
  const modes = oldMode !== undefined && newMode !== undefined && oldMode !== newMode;
  if (hunks.length === 0 && !file.binary && change === "modify" && !modes) {
    throw reader.error(`the header of line ${line} is followed by no hunk`);
  }
  const old = hunks.find(({ oldCount }) => oldCount > 0);
  if (change === "create" && old !== undefined) {
    throw reader.error(
      `the hunk of line ${old.line} removes lines of a file that is to be created`,
    );
  }
  const kept = hunks.find(({ newCount }) => newCount > 0);
  if (change === "delete" && kept !== undefined) {
    throw reader.error(
      `the hunk of line ${kept.line} leaves lines of a file that is to be deleted`,
    );
  }
}
