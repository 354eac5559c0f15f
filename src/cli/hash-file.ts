// The SHA-256 of a file of any size, read in pieces: `pull` and `doctor --verify` compare it with what
// is known.

import { closeSync, openSync, readSync } from "node:fs";
import { CromwellError, unreadable } from "../errors.ts";

/**
 * The file's SHA-256 in hexadecimal. The event loop runs between pieces, so that Ctrl-C is heard.
 * Throws CromwellError "input" where the file cannot be read.
 */
export async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  const buffer = new Uint8Array(4 << 20);
  try {
    const file = openSync(path, "r");
    try {
      for (;;) {
        const count = readSync(file, buffer, 0, buffer.length, null);
        if (count === 0) return hasher.digest("hex");
        hasher.update(buffer.subarray(0, count));
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
