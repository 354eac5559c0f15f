// What every write that replaces a file as a whole has in common: where it goes, which mode it keeps,
// what it is called until it is whole. Apart from the writers, so that they follow one set of rules.

import { closeSync, fsyncSync, lstatSync, openSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CromwellError, systemCode } from "../errors.ts";

/** Where a chain of links ends; a path that does not exist yet is its own target. */
export function resolveTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || isLink(path)) throw error;
    return join(realpathSync(dirname(path)), basename(path));
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/**
 * The mode of the file at `target`, or undefined where a new one takes the umask's. Throws
 * CromwellError "input", naming `name`, where no file may be put there.
 */
export function modeOf(target: string, name: string): number | undefined {
  const status = statSync(target, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (!status.isFile()) {
    const what = status.isDirectory() ? "a folder" : "not a regular file";
    throw new CromwellError("input", `cannot write ${name}: it is ${what}`);
  }
  // A rename would replace a file that nobody may write: its mode is an instruction.
  if ((status.mode & 0o222) === 0) {
    throw new CromwellError("input", `cannot write ${name}: the file is read-only`);
  }
  return status.mode & 0o7777;
}

/** A new hidden file beside `target`; with a mode to keep, nobody else reads it until it has that. */
export function openBeside(target: string, mode: number | undefined) {
  const suffix = Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString("hex");
  const path = join(dirname(target), `.${basename(target).slice(0, 200)}.${suffix}.tmp`);
  return { path, file: openSync(path, "wx", mode === undefined ? 0o666 : 0o600) };
}

/** Makes a rename durable, where the file system lets a folder be synced. */
export function syncFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    // The new file is in place and whole; some file systems refuse to sync a folder.
    if (!["EINVAL", "EACCES", "EPERM", "EISDIR"].includes(systemCode(error) ?? "")) throw error;
  }
}
