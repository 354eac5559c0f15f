// Writes a file so that it is never seen half written: a temporary file in the same folder, fsync,
// rename. Everything here is synchronous, so that a signal's handler runs before it or after it.

import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CromwellError } from "../errors.ts";
import { systemCode, systemReason } from "./system-error.ts";
import { hashOf } from "./text-file.ts";

/**
 * Puts `text` (UTF-8) at `path`. A symbolic link stays one: its target is replaced. An existing
 * file keeps its mode. With `expectedHash`, writes only if the file still has that SHA-256.
 * Throws CromwellError "input" and leaves the old file as it was when anything fails.
 */
export function atomicWrite(
  path: string,
  text: string,
  options: { expectedHash?: string; name?: string } = {},
): void {
  const name = options.name ?? path;
  const fail = (why: string, cause: unknown): never => {
    throw new CromwellError("input", `cannot write ${name}: ${why}`, { cause });
  };
  try {
    const target = resolveTarget(path);
    const { expectedHash } = options;
    replace(target, Buffer.from(text, "utf8"), modeOf(target, name), () => {
      if (expectedHash !== undefined) checkHash(target, expectedHash, name);
    });
  } catch (cause) {
    if (cause instanceof CromwellError) throw cause;
    fail(systemReason(cause), cause);
  }
}

/** Where a chain of links ends; a path that does not exist yet is its own target. */
function resolveTarget(path: string): string {
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

function checkHash(target: string, expected: string, name: string): void {
  if (hashOf(readFileSync(target)) === expected) return;
  throw new CromwellError("input", `${name} changed on disk while it was being edited`, {
    hint: "nothing was written, run the edit again",
  });
}

/** The mode of the file that is there, or undefined where a new one takes the umask's. */
function modeOf(target: string, name: string): number | undefined {
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

/** Writes beside `target`, then renames; `beforeRename` may still refuse by throwing. */
function replace(
  target: string,
  bytes: Uint8Array,
  mode: number | undefined,
  beforeRename: () => void,
): void {
  const suffix = Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString("hex");
  const temporary = join(dirname(target), `.${basename(target).slice(0, 200)}.${suffix}.tmp`);
  let file: number | undefined = openSync(temporary, "wx", mode === undefined ? 0o666 : 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (mode !== undefined) fchmodSync(file, mode);
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    beforeRename();
    renameSync(temporary, target);
  } catch (error) {
    if (file !== undefined) closeSync(file);
    unlinkSync(temporary);
    throw error;
  }
  syncFolder(dirname(target));
}

/** Makes the rename itself durable, where the file system lets a folder be synced. */
function syncFolder(path: string): void {
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
