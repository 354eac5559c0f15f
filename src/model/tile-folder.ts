// The folder of stored tiles, which is bounded: before a file is added, those of models that are gone
// or have changed are removed, and then the oldest, until the new one fits.

import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { systemCode } from "../errors.ts";
import { type FileIdentity, isUnchanged } from "../formats/file-identity.ts";

/** Bytes that the files of the folder may take together. */
export const tileBytesMax = 8e9;

/** Share of the disk's free space that a new file may take. */
const diskShare = 0.5;

/** A temporary file of this age belongs to a process that was killed. */
const abandonedMs = 3_600_000;

/** The first line of a file is read up to here. */
const lineBytesMax = 64 * 1024;

export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
}

/** The files of stored tiles in a folder, none where there is no folder. */
export function storedFiles(folder: string): StoredFile[] {
  return entries(folder, ".tiles");
}

/**
 * Tidies the folder, which is made where it is missing, for a file of `bytes` at `path`, which may
 * replace another. False where so much must not be put there. Throws what the file system throws.
 */
export function makeRoom(folder: string, path: string, bytes: number): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (bytes > tileBytesMax) return false;
  for (const file of entries(folder, ".tmp")) {
    if (file.changedMs < Date.now() - abandonedMs) rmSync(file.path, { force: true });
  }
  const kept: StoredFile[] = [];
  for (const file of storedFiles(folder)) {
    if (file.path === path) continue;
    if (isOutdated(file.path)) rmSync(file.path, { force: true });
    else kept.push(file);
  }
  kept.sort((a, b) => b.changedMs - a.changedMs);
  let total = bytes + kept.reduce((sum, file) => sum + file.bytes, 0);
  while (total > tileBytesMax) {
    const oldest = kept.pop()!;
    rmSync(oldest.path, { force: true });
    total -= oldest.bytes;
  }
  const { bavail, bsize } = statfsSync(folder);
  return bytes <= bavail * bsize * diskShare;
}

function entries(folder: string, ending: string): StoredFile[] {
  const names = readNames(folder).filter((name) => name.endsWith(ending));
  return names.flatMap((name) => {
    const path = join(folder, name);
    const status = statSync(path, { throwIfNoEntry: false });
    if (!status?.isFile()) return [];
    return [{ path, bytes: status.size, changedMs: status.mtimeMs }];
  });
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

/** Whether stored tiles have lost the model that they were made from, or do not tell which it was. */
function isOutdated(path: string): boolean {
  try {
    const { sources } = JSON.parse(firstLine(path)) as { sources: readonly FileIdentity[] };
    return !sources.every(isUnchanged);
  } catch {
    // Whatever is wrong with it, nobody will use it.
    return true;
  }
}

function firstLine(path: string): string {
  const bytes = Buffer.alloc(lineBytesMax);
  const file = openSync(path, "r");
  try {
    const length = readSync(file, bytes, 0, bytes.length, 0);
    return bytes.toString("utf8", 0, length).split("\n", 1)[0]!;
  } finally {
    closeSync(file);
  }
}
