// The folder of stored tiles, which is bounded: before a file is added, those of models that are gone
// or have changed are removed, and then the oldest, until the new one fits. Nobody else's file is.

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

/** What TileFile calls its files, and what they are called while they are written. */
const tileName = /^.+-[0-9a-f]{16}\.tiles$/s;
const temporaryName = /^\..+-[0-9a-f]{16}\.tiles\.[0-9a-f]{12}\.tmp$/s;

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
  return entries(folder, tileName);
}

/**
 * Tidies the folder, which is made where it is missing, for a file of `bytes` at `path`, which may
 * replace another. False where so much must not be put there. Throws what the file system throws.
 */
export function makeRoom(folder: string, path: string, bytes: number): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (bytes > tileBytesMax) return false;
  for (const file of entries(folder, temporaryName)) {
    if (file.changedMs < Date.now() - abandonedMs) rmSync(file.path, { force: true });
  }
  const kept: StoredFile[] = [];
  for (const file of storedFiles(folder)) {
    const sources = file.path === path ? undefined : sourcesOf(file.path);
    if (sources === undefined) continue;
    if (isOutdated(sources)) rmSync(file.path, { force: true });
    else kept.push(file);
  }
  const evicted = oldestBeyond(kept, tileBytesMax - bytes);
  const { bavail, bsize } = statfsSync(folder);
  if (bytes > (bavail * bsize + sizeOf(evicted)) * diskShare) return false;
  for (const file of evicted) rmSync(file.path, { force: true });
  return true;
}

/** The oldest files, as many as must go for the others to take at most `bytes`. */
function oldestBeyond(files: readonly StoredFile[], bytes: number): StoredFile[] {
  const newestFirst = files.toSorted((a, b) => b.changedMs - a.changedMs);
  let count = files.length;
  while (sizeOf(newestFirst.slice(0, count)) > bytes) count--;
  return newestFirst.slice(count);
}

function sizeOf(files: readonly StoredFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

function entries(folder: string, pattern: RegExp): StoredFile[] {
  const names = readNames(folder).filter((name) => pattern.test(name));
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

/** What stored tiles were made from; undefined where the file is not known to be this program's. */
function sourcesOf(path: string): readonly FileIdentity[] | undefined {
  try {
    const about = JSON.parse(firstLine(path)) as { tiles?: unknown; sources?: unknown } | null;
    if (typeof about?.tiles !== "number" || !Array.isArray(about.sources)) return undefined;
    const sources = about.sources as readonly (Partial<FileIdentity> | null)[];
    const told = sources.every((source) => typeof source?.path === "string");
    return told ? (sources as readonly FileIdentity[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the model is gone or has changed, not only out of reach for now. */
function isOutdated(sources: readonly FileIdentity[]): boolean {
  try {
    return !sources.every(isUnchanged);
  } catch {
    return false;
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
