// What a file is at one moment: its bytes, their hash, its mode and owner. A write compares states, so
// that it never replaces what it has not seen.

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { CromwellError, systemCode } from "../errors.ts";

export interface FileState {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly mode: number;
  readonly user: number;
  readonly group: number;
}

/** The largest file that is written over: all of it must fit the journal. */
export const fileBytesMax = 256 * 1024 * 1024;

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

/**
 * The regular file at `path`, which may not be a link; null where there is nothing. Throws CromwellError
 * "input", naming `name`, for anything else, and what the file system throws.
 */
export function readState(path: string, name: string): FileState | null {
  const file = openToRead(path, name);
  if (file === null) return null;
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw notWritable(name, describe(status));
    if (status.size > fileBytesMax) throw notWritable(name, "it has more than 256 MiB");
    const bytes = readFileSync(file);
    const { mode, uid: user, gid: group } = status;
    return { bytes, hash: hashOf(bytes), mode: mode & 0o7777, user, group };
  } finally {
    closeSync(file);
  }
}

/** Opened without waiting: a pipe without a writer would block. */
function openToRead(path: string, name: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    if (code === "ELOOP") throw notWritable(name, "it is a symbolic link");
    if (code === "ENXIO") throw notWritable(name, "it is not a regular file");
    throw error;
  }
}

function describe(status: { isDirectory(): boolean }): string {
  return status.isDirectory() ? "it is a folder" : "it is not a regular file";
}

function notWritable(name: string, why: string): CromwellError {
  return new CromwellError("input", `cannot write ${name}: ${why}`);
}
