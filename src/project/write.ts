// Writes files so that a person can trust it: all of them or none, each of them whole at any moment,
// only what was read is replaced, and what was there before is in the journal first.

import { lstatSync, realpathSync, type Stats } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { CromwellError, systemCode, systemReason } from "../errors.ts";
import { disk, type FileOperations } from "./file-operations.ts";
import { type FileState, hashOf, readState } from "./file-state.ts";
import { Journal } from "./journal.ts";
import { describeBefore, type JournalEntry } from "./journal-entry.ts";
import { existingFolder, modeOf, randomSuffix, resolveTarget } from "./replace-file.ts";
import { replaceAll, type Step } from "./replace-steps.ts";

export interface FileChange {
  /** Absolute, or relative to `root`. */
  readonly path: string;
  /** Text is written as UTF-8; null removes the file. */
  readonly contents: Uint8Array | string | null;
  /** Permission bits; default: the old file's, and for a new one what the umask leaves. */
  readonly mode?: number | undefined;
  /** SHA-256 of the file as it was read; null: there must be none. undefined: whatever it is. */
  readonly expectedHash?: string | null | undefined;
  /** What messages call it; default: the path. */
  readonly name?: string | undefined;
}

export interface WriteOptions {
  /** The folder of the undo journal; undefined: nothing is recorded, which is said. */
  readonly journal: string | undefined;
  /** What writes, for `undo --list`: "edit", "apply fix.patch". */
  readonly label: string;
  /**
   * Nothing outside this folder is written, nor through a symbolic link below it; folders that are
   * missing there are made, and those that become empty removed. Without it a link's target is
   * replaced.
   */
  readonly root?: string | undefined;
  /** Where the user is: `undo` there means this write. Default: the process's folder. */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives what the user should know: that a write cannot be undone, and why. */
  readonly onNotice?: ((line: string) => void) | undefined;
}

/**
 * Makes all changes or none, each file atomically. Throws CromwellError "input" where a file is not
 * what was read, may not be replaced, or cannot be written, and "interrupted" on the signal; the files are then as
 * they were. A write that the journal cannot take is made all the same, and said to have no undo.
 */
export async function writeFiles(
  changes: readonly FileChange[],
  options: WriteOptions,
  operations: FileOperations = disk,
): Promise<void> {
  const journal = await openJournal(options, operations);
  try {
    const { root } = options;
    const place = root === undefined ? resolveTarget : placesIn(root, changes);
    const steps = changes.map((change) => planStep(change, place));
    refuseTwice(steps);
    const recorded = record(journal, steps, options);
    try {
      await replaceAll(steps, {
        id: recorded?.id ?? randomSuffix(),
        operations,
        isRemovable: isBelow(root),
        signal: options.signal,
      });
      if (recorded !== undefined) journal?.mark(recorded, "done");
    } catch (error) {
      if (recorded !== undefined) journal?.settle(recorded);
      throw error;
    }
  } finally {
    journal?.close();
  }
}

async function openJournal(
  { journal, signal, onNotice }: WriteOptions,
  operations: FileOperations,
): Promise<Journal | undefined> {
  if (journal === undefined) {
    onNotice?.("this cannot be undone: there is no folder for the journal, set CROMWELL_HOME");
    return undefined;
  }
  try {
    return await Journal.open(journal, operations, signal, ({ label, files }) => {
      const first = `${label} of ${files[0]?.path}`;
      const more = files.length > 1 ? ` and ${files.length - 1} more` : "";
      onNotice?.(`an earlier write was cut off: ${first}${more}; \`cromwell undo\` takes it back`);
    });
  } catch (error) {
    if (error instanceof CromwellError && error.code === "interrupted") throw error;
    onNotice?.(`this cannot be undone: no journal in ${journal}: ${reason(error)}`);
    return undefined;
  }
}

function reason(error: unknown): string {
  return error instanceof CromwellError ? error.message : systemReason(error);
}

function planStep(change: FileChange, placeOf: (path: string, name: string) => string): Step {
  const { contents, mode, expectedHash, name = change.path } = change;
  try {
    const path = placeOf(change.path, name);
    const before = modeOf(path, name) === undefined ? null : readState(path, name);
    checkHash(before, expectedHash, name);
    if (contents === null) {
      if (before === null) {
        throw new CromwellError("input", `cannot remove ${name}: there is no such file`);
      }
      return { name, path, before, after: null };
    }
    const bytes = typeof contents === "string" ? Buffer.from(contents, "utf8") : contents;
    return { name, path, before, after: { bytes, mode: mode ?? before?.mode } };
  } catch (cause) {
    if (cause instanceof CromwellError || systemCode(cause) === undefined) throw cause;
    throw new CromwellError("input", `cannot write ${name}: ${systemReason(cause)}`, { cause });
  }
}

/** Finds a path's place below `root`; one below a file only where that file is removed. */
function placesIn(root: string, changes: readonly FileChange[]) {
  const top = realpathSync(root);
  const removed = new Set<string>();
  for (const { path, contents } of changes) if (contents === null) removed.add(resolve(top, path));
  return (path: string, name: string): string => {
    const fail = (why: string) => new CromwellError("input", `cannot write ${name}: ${why}`);
    const target = resolve(top, path);
    const below = relative(top, target);
    if (below === "" || below === ".." || below.startsWith(`..${sep}`)) {
      throw fail(`it is outside ${root}`);
    }
    for (let at = dirname(target); at !== top; at = dirname(at)) {
      const status = statusOf(at);
      if (status?.isSymbolicLink()) throw fail(`${relative(top, at)} is a symbolic link`);
      if (status === undefined || status.isDirectory() || removed.has(at)) continue;
      throw fail(`${relative(top, at)} is not a folder`);
    }
    if (statusOf(target)?.isSymbolicLink()) throw fail("it is a symbolic link");
    return target;
  };
}

/** undefined where there is nothing, or a file stands in the way. */
function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) !== "ENOTDIR") throw error;
    return undefined;
  }
}

function checkHash(
  before: FileState | null,
  expected: string | null | undefined,
  name: string,
): void {
  if (expected === undefined || expected === (before?.hash ?? null)) return;
  if (expected === null) throw new CromwellError("input", `${name} exists already`);
  const what = before === null ? "was removed" : "changed on disk";
  throw new CromwellError("input", `${name} ${what} since it was read`, {
    hint: "nothing was written, try again",
  });
}

function refuseTwice(steps: readonly Step[]): void {
  const seen = new Set<string>();
  for (const { path, name } of steps) {
    if (seen.has(path)) throw new CromwellError("input", `${name} is written twice at once`);
    seen.add(path);
  }
}

function isBelow(root: string | undefined): (folder: string) => boolean {
  if (root === undefined) return () => false;
  const top = `${realpathSync(root)}${sep}`;
  return (folder) => folder.startsWith(top);
}

/** Puts the write into the journal, pending; undefined, which is said, where that cannot be. */
function record(journal: Journal | undefined, steps: readonly Step[], options: WriteOptions) {
  if (journal === undefined) return undefined;
  const { label, folder = process.cwd(), onNotice } = options;
  const entry: JournalEntry = {
    version: 1,
    label,
    time: Date.now(),
    folder: resolve(folder),
    files: steps.map(({ path, before, after }) => ({
      path,
      before: describeBefore(before),
      after: after && { hash: hashOf(after.bytes), mode: after.mode ?? 0o666 & ~process.umask() },
    })),
    folders: missingFolders(steps),
    bytes: steps.map(({ before }) => before?.bytes ?? null),
  };
  try {
    return journal.add(entry);
  } catch (error) {
    onNotice?.(`this cannot be undone: no entry in ${journal.folder}: ${reason(error)}`);
    return undefined;
  }
}

function missingFolders(steps: readonly Step[]): string[] {
  const missing = new Set<string>();
  for (const { path, after } of steps) {
    if (after === null) continue;
    const existing = existingFolder(dirname(path));
    for (let at = dirname(path); at !== existing; at = dirname(at)) missing.add(at);
  }
  return [...missing];
}
