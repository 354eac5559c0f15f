// Lets one process at a time write files and the journal. The lock is one that SQLite takes on a file:
// the system frees it when its process ends in any way, so that none is ever left behind.

import { accessSync, closeSync, constants, openSync } from "node:fs";
import { throwIfInterrupted } from "../breathe.ts";
import { CromwellError, systemCode } from "../errors.ts";

export interface Lock {
  release(): void;
}

/** Longer than any write takes; whoever holds the lock then was stopped. */
const waitMsMax = 60_000;

/**
 * Waits for the lock on the file at `path`, which is made. Throws CromwellError "interrupted" on the
 * signal, "input" after a minute, and what SQLite throws where the file cannot be locked.
 */
export async function lock(path: string, signal: AbortSignal | undefined): Promise<Lock> {
  makeFile(path);
  const { Database } = await import("bun:sqlite");
  const database = new Database(path, { readwrite: true });
  try {
    const started = performance.now();
    for (let pauseMs = 2; ; pauseMs = Math.min(2 * pauseMs, 50)) {
      throwIfInterrupted(signal);
      try {
        database.exec("BEGIN EXCLUSIVE");
        return { release: () => database.close() };
      } catch (error) {
        if (systemCode(error) !== "SQLITE_BUSY") throw error;
      }
      if (performance.now() - started > waitMsMax) {
        throw new CromwellError("input", "another cromwell has been writing for a minute", {
          hint: "wait for it, or end it if it was stopped",
        });
      }
      await Bun.sleep(pauseMs);
    }
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Makes the file, or checks that it can be written, so that a failure has the system's words. One that
 * is there is not opened: closing it would free a lock that this process has on it.
 */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    accessSync(path, constants.W_OK);
  }
}
