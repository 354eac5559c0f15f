// Every call by which a write changes the disk, behind one interface: a test ends its process at each
// of them in turn, and makes each of them fail.

import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { syncFolder } from "./replace-file.ts";

export interface FileOperations {
  /** Makes a file that must not exist yet; returns its descriptor. */
  create(path: string, mode: number): number;
  /** Returns how many bytes were written from `at` on. */
  write(file: number, bytes: Uint8Array, at: number): number;
  setOwner(file: number, user: number, group: number): void;
  setMode(file: number, mode: number): void;
  sync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  makeFolder(path: string): void;
  removeFolder(path: string): void;
  /** Makes renames in a folder durable. */
  syncFolder(path: string): void;
}

export const disk: FileOperations = {
  create: (path, mode) => openSync(path, "wx", mode),
  write: (file, bytes, at) => writeSync(file, bytes, at),
  setOwner: fchownSync,
  setMode: fchmodSync,
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  remove: unlinkSync,
  makeFolder: (path) => mkdirSync(path),
  removeFolder: rmdirSync,
  syncFolder,
};

/** Writes all of a new file at `path` and syncs it; `prepare` may set owner and mode before that. */
export function writeWhole(
  operations: FileOperations,
  path: string,
  parts: readonly Uint8Array[],
  mode: number,
  prepare: (file: number) => void = () => {},
): void {
  const file = operations.create(path, mode);
  try {
    for (const bytes of parts) {
      for (let at = 0; at < bytes.length; ) at += operations.write(file, bytes, at);
    }
    prepare(file);
    operations.sync(file);
  } finally {
    operations.close(file);
  }
}
