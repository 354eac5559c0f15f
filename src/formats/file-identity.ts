// What tells whether a file still is what it was, without reading it: size, times of change, device
// and inode. For what is derived from a file and kept elsewhere.

import { statSync } from "node:fs";

/** Numbers are texts: they may exceed 2^53, and go into JSON. */
export interface FileIdentity {
  readonly path: string;
  readonly size: string;
  /** Nanoseconds since 1970, as whoever writes the file may set them. */
  readonly changed: string;
  /** The same as the file system keeps them: nobody can put back an older time. */
  readonly statusChanged: string;
  readonly device: string;
  readonly inode: string;
}

/** What the file at `path` is now; undefined where there is none. */
export function identify(path: string): FileIdentity | undefined {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return undefined;
  return {
    path,
    size: `${status.size}`,
    changed: `${status.mtimeNs}`,
    statusChanged: `${status.ctimeNs}`,
    device: `${status.dev}`,
    inode: `${status.ino}`,
  };
}

/** Whether the file at a path still is what it was. */
export function isUnchanged(before: FileIdentity): boolean {
  return Bun.deepEquals(identify(before.path), before);
}
