// Takes a list of files from what they are to what they shall be: all of them or, when anything fails,
// none. New bytes are written and synced beside their places first; what is left then are renames.

import { dirname } from "node:path";
import { breathe, throwIfInterrupted } from "../breathe.ts";
import { CromwellError, systemCode, systemReason } from "../errors.ts";
import { type FileOperations, writeWhole } from "./file-operations.ts";
import { type FileState, readState } from "./file-state.ts";
import { existingFolder, temporaryPath } from "./replace-file.ts";

export interface Step {
  /** What messages call the file. */
  readonly name: string;
  /** Absolute, no link. */
  readonly path: string;
  readonly before: FileState | null;
  /** null: there shall be no file. */
  readonly after: NewFile | null;
}

export interface NewFile {
  readonly bytes: Uint8Array;
  /** undefined where the umask decides. */
  readonly mode: number | undefined;
}

export interface Replacement {
  /** Part of the names of temporary files, so that one who finds them later knows whose they are. */
  readonly id: string;
  readonly operations: FileOperations;
  /** Whether a folder that has become empty shall go. */
  readonly isRemovable: (folder: string) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Where the bytes of step `index` wait: in a folder that exists, as a rename keeps to a file system. */
function waitingPath(path: string, id: string, index: number): string {
  return temporaryPath(path, `${id}-${index}`, existingFolder(dirname(path)));
}

/** Removes what a replacement that was killed left waiting; the folders may have been made since. */
export function removeWaiting(operations: FileOperations, paths: readonly string[], id: string) {
  for (const [index, path] of paths.entries()) {
    for (const folder of foldersAbove(path)) {
      removeIfThere(operations, temporaryPath(path, `${id}-${index}`, folder));
    }
  }
}

/**
 * Does all steps or none. Throws CromwellError "input" where a file is not what `before` says any more
 * or the disk refuses, "interrupted" on the signal; then everything is as it was. If even putting back fails,
 * the error says so.
 */
export async function replaceAll(steps: readonly Step[], replacement: Replacement): Promise<void> {
  const run = new Run(steps, replacement);
  try {
    await run.prepare();
    run.replace();
  } catch (cause) {
    throw run.takeBack(cause);
  }
  run.sync();
}

class Run {
  readonly #steps: readonly Step[];
  readonly #replacement: Replacement;
  readonly #waiting = new Map<Step, string>();
  readonly #done: Step[] = [];
  readonly #made = new Set<string>();
  #current: Step | undefined;

  constructor(steps: readonly Step[], replacement: Replacement) {
    this.#steps = steps;
    this.#replacement = replacement;
  }

  /** All that takes time and room; the files themselves are not touched. */
  async prepare(): Promise<void> {
    const { operations, id, signal } = this.#replacement;
    for (const [index, step] of this.#steps.entries()) {
      await breathe(signal);
      this.#current = step;
      if (step.after === null) continue;
      const path = waitingPath(step.path, id, index);
      this.#waiting.set(step, path);
      writeBeside(operations, path, step.after, step.before);
    }
    for (const step of this.#steps) {
      await breathe(signal);
      this.#current = step;
      refuseChanged(step);
    }
    throwIfInterrupted(signal);
  }

  /** Without a pause, so that a signal's handler runs before it or after it. */
  replace(): void {
    const { operations, isRemovable } = this.#replacement;
    for (const step of inOrder(this.#steps)) {
      this.#current = step;
      const folder = dirname(step.path);
      if (step.after === null) operations.remove(step.path);
      else {
        this.#makeFolders(folder);
        operations.rename(this.#waiting.get(step)!, step.path);
      }
      this.#done.push(step);
      if (step.after === null) removeEmpty(operations, folder, isRemovable);
    }
  }

  /** Makes what was replaced survive a power cut. */
  sync(): void {
    const changed = [...this.#steps.map(({ path }) => path), ...this.#made];
    const folders = new Set(changed.map((path) => existingFolder(dirname(path))));
    for (const folder of folders) this.#replacement.operations.syncFolder(folder);
  }

  /** Puts back what was replaced; the error to throw says what could not be. */
  takeBack(cause: unknown): unknown {
    const { operations } = this.#replacement;
    const failures: string[] = [];
    const attempt = (name: string, action: () => void) => {
      try {
        action();
      } catch (error) {
        failures.push(`${name} could not be put back (${systemReason(error)})`);
      }
    };
    for (const step of this.#done.toReversed()) attempt(step.name, () => this.#putBack(step));
    for (const path of this.#waiting.values()) {
      attempt(path, () => removeIfThere(operations, path));
    }
    const isMade = (folder: string) => this.#made.has(folder);
    for (const folder of this.#made) removeEmpty(operations, folder, isMade);
    const error = asInput(cause, this.#current);
    if (failures.length === 0) return error;
    const message = [cause instanceof Error ? cause.message : String(cause), ...failures].join(
      ", ",
    );
    return new CromwellError("input", message, {
      hint: "`cromwell undo` puts back what can be",
      cause,
    });
  }

  #putBack(step: Step): void {
    const { operations, id } = this.#replacement;
    const { path, before } = step;
    if (before === null) {
      operations.remove(path);
      return;
    }
    this.#makeFolders(dirname(path));
    const waiting = waitingPath(path, id, this.#steps.indexOf(step));
    writeBeside(operations, waiting, before, before);
    operations.rename(waiting, path);
  }

  #makeFolders(folder: string): void {
    if (existingFolder(folder) === folder) return;
    this.#makeFolders(dirname(folder));
    this.#replacement.operations.makeFolder(folder);
    this.#made.add(folder);
  }
}

function writeBeside(
  operations: FileOperations,
  path: string,
  { bytes, mode }: NewFile,
  before: FileState | null,
): void {
  // With a mode to keep, nobody else reads the file until it has that.
  writeWhole(operations, path, [bytes], mode === undefined ? 0o666 : 0o600, (file) => {
    if (before !== null) keepOwner(operations, file, before);
    if (mode !== undefined) operations.setMode(file, mode);
  });
}

/** A file that root or a member of its group writes stays whose it was, where the system allows. */
function keepOwner(operations: FileOperations, file: number, { user, group }: FileState): void {
  if (user === process.geteuid?.() && group === process.getegid?.()) return;
  try {
    operations.setOwner(file, user, group);
  } catch (error) {
    if (!["EPERM", "EINVAL", "ENOSYS"].includes(systemCode(error) ?? "")) throw error;
  }
}

function refuseChanged({ path, name, before }: Step): void {
  const now = readState(path, name);
  if (now?.hash === before?.hash && now?.mode === before?.mode) return;
  throw new CromwellError("input", `${name} changed on disk while it was being written`, {
    hint: "nothing was written, try again",
  });
}

/** Removals come last, so that bytes are never nowhere; but before a folder takes a file's place. */
function inOrder(steps: readonly Step[]): Step[] {
  const folders = new Set<string>();
  for (const { path, after } of steps) {
    if (after !== null) for (const folder of foldersAbove(path)) folders.add(folder);
  }
  const rank = ({ path, after }: Step) => (after !== null ? 1 : folders.has(path) ? 0 : 2);
  return steps.toSorted((a, b) => rank(a) - rank(b));
}

function* foldersAbove(path: string): Generator<string> {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    yield folder;
  }
}

/** Removes a folder and those above it, as long as they may go and are empty. */
export function removeEmpty(
  operations: FileOperations,
  folder: string,
  isRemovable: (folder: string) => boolean,
): void {
  if (!isRemovable(folder)) return;
  try {
    operations.removeFolder(folder);
  } catch {
    // Something else is in it, or it is not ours to remove: the file is gone all the same.
    return;
  }
  removeEmpty(operations, dirname(folder), isRemovable);
}

export function removeIfThere(operations: FileOperations, path: string): void {
  try {
    operations.remove(path);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
  }
}

function asInput(cause: unknown, step: Step | undefined): unknown {
  if (cause instanceof CromwellError || systemCode(cause) === undefined) return cause;
  return new CromwellError("input", `cannot write ${step?.name}: ${systemReason(cause)}`, {
    cause,
  });
}
