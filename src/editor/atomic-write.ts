// Writes a file so that it is never seen half written: a temporary file in the same folder, fsync,
// rename. Everything here is synchronous, so that a signal's handler runs before it or after it.

import {
  closeSync,
  fchmodSync,
  fsyncSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { CromwellError, systemReason } from "../errors.ts";
import { hashOf } from "../project/file-state.ts";
import { modeOf, openBeside, resolveTarget, syncFolder } from "../project/replace-file.ts";

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

function checkHash(target: string, expected: string, name: string): void {
  if (hashOf(readFileSync(target)) === expected) return;
  throw new CromwellError("input", `${name} changed on disk while it was being edited`, {
    hint: "nothing was written, run the edit again",
  });
}

/** Writes beside `target`, then renames; `beforeRename` may still refuse by throwing. */
function replace(
  target: string,
  bytes: Uint8Array,
  mode: number | undefined,
  beforeRename: () => void,
): void {
  const temporary = openBeside(target, mode);
  let file: number | undefined = temporary.file;
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (mode !== undefined) fchmodSync(file, mode);
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    beforeRename();
    renameSync(temporary.path, target);
  } catch (error) {
    if (file !== undefined) closeSync(file);
    unlinkSync(temporary.path);
    throw error;
  }
  syncFolder(dirname(target));
}
