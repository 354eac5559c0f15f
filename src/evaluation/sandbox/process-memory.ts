// The memory that a process and all that it started hold, as far as the system tells from outside: resident
// pages, and files in memory that are open, which need not be mapped.

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

const pageBytes = 4096;
const blockBytes = 512;

/** Bytes of a process and all below it; 0 where the system does not tell. Shared pages count for each. */
export function memoryOf(pid: number): number {
  let bytes = 0;
  const files = new Map<string, number>();
  const open = [String(pid)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    bytes += Number(told(`/proc/${id}/statm`).split(" ")[1] ?? 0) * pageBytes;
    for (const [file, size] of filesInMemory(id)) files.set(file, size);
    // Each thread has children of its own.
    for (const thread of listed(`/proc/${id}/task`)) {
      open.push(...told(`/proc/${id}/task/${thread}/children`).split(" ").filter(Boolean));
    }
  }
  for (const size of files.values()) bytes += size;
  return bytes;
}

/** The bytes of the files without a name (memfd) that a process has open, by their number. */
function filesInMemory(id: string): [string, number][] {
  return listed(`/proc/${id}/fd`).flatMap((descriptor): [string, number][] => {
    const path = `/proc/${id}/fd/${descriptor}`;
    try {
      if (!readlinkSync(path).startsWith("/memfd:")) return [];
      const { ino, blocks } = statSync(path);
      return [[String(ino), blocks * blockBytes]];
    } catch {
      // Closed by now.
      return [];
    }
  });
}

/** What the system tells of a process that may be gone. */
function told(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function listed(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
