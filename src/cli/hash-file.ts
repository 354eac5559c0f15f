// The SHA-256 of a file of any size, read in pieces: `pull` and `doctor --verify` compare it with what
// is known.

import { closeSync, openSync, readSync } from "node:fs";
import { CromwellError, unreadable } from "../errors.ts";
import type { FilePart } from "../formats/embedded-model.ts";

/**
 * The SHA-256 of a file, or of a part of it, in hexadecimal. The event loop runs between pieces, so that Ctrl-C is heard.
 * Throws CromwellError "input" where the file cannot be read.
 */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  { offset, size }: FilePart = { offset: 0, size: Number.POSITIVE_INFINITY },
): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  const buffer = new Uint8Array(4 << 20);
  try {
    const file = openSync(path, "r");
    try {
      for (let done = 0; ; ) {
        const length = Math.min(buffer.length, size - done);
        const count = readSync(file, buffer, 0, length, offset + done);
        if (count === 0) return hasher.digest("hex");
        hasher.update(buffer.subarray(0, count));
        done += count;
        await new Promise((resume) => setImmediate(resume));
        if (signal.aborted) throw new CromwellError("interrupted", "interrupted");
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
