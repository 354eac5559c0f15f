// What every write that replaces a file as a whole has in common: where it goes, which mode it keeps,
// what it is called until it is whole. Apart from the writers, so that they follow one set of rules.

import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
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
  const status = statusOf(target);
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

/** The hidden name, in `folder`, of what will be `target`. */
export function temporaryPath(target: string, suffix: string, folder = dirname(target)): string {
  return join(folder, `.${basename(target).slice(0, 200)}.${suffix}.tmp`);
}

/** A suffix that no other temporary file has: 12 hexadecimal digits. */
export function randomSuffix(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString("hex");
}

/** A new hidden file beside `target`; with a mode to keep, nobody else reads it until it has that. */
export function openBeside(target: string, mode: number | undefined) {
  const path = temporaryPath(target, randomSuffix());
  return { path, file: openSync(path, "wx", mode === undefined ? 0o666 : 0o600) };
}

/** The folder itself or, where there is none yet, the next one above it. */
export function existingFolder(folder: string): string {
  const above = dirname(folder);
  if (above === folder || isFolder(folder)) return folder;
  return existingFolder(above);
}

function isFolder(path: string): boolean {
  return statusOf(path)?.isDirectory() ?? false;
}

/** undefined where there is nothing, or a file stands where a folder is named. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) !== "ENOTDIR") throw error;
    return undefined;
  }
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
