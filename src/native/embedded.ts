// Files embedded in the executable have paths that only Bun's own readers know. This gives such a
// file a path that the operating system knows too, without needing a folder that can be written.

import { dlopen, ptr } from "bun:ffi";
import { readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const readable = new Map<string, string>();

/** A path to the same bytes that open() understands; valid as long as the process runs. */
export function systemPath(path: string): string {
  if (!path.startsWith("/$bunfs/")) return path;
  const known = readable.get(path);
  if (known !== undefined) return known;
  const bytes = readFileSync(path);
  const made = process.platform === "linux" ? inMemory(bytes) : temporary(path, bytes);
  readable.set(path, made);
  return made;
}

/** An anonymous file in memory (Linux). */
export function inMemory(bytes: Uint8Array): string {
  const libc = dlopen("libc.so.6", {
    memfd_create: { args: ["ptr", "u32"], returns: "i32" },
  }).symbols;
  const closeOnExec = 1;
  const fd = libc.memfd_create(ptr(Buffer.from("cromwell\0")), closeOnExec);
  if (fd < 0) throw new Error("memfd_create failed");
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  return `/proc/self/fd/${fd}`;
}

/** A copy for this user alone in the temporary folder, removed when the process ends. */
export function temporary(path: string, bytes: Uint8Array): string {
  const copy = join(tmpdir(), `cromwell-${process.pid}-${basename(path)}`);
  writeFileSync(copy, bytes, { mode: 0o600, flag: "wx" });
  process.once("exit", () => rmSync(copy, { force: true }));
  return copy;
}
