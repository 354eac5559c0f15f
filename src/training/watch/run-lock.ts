// Whether a run is being trained right now: its process holds a lock, that SQLite takes, on a file in the
// run's folder. The system frees it however the process ends, so a killed run never looks alive.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { CromwellError, systemCode, systemReason } from "../../errors.ts";

const lockName = "run.lock";

export interface RunLock {
  release(): void;
}

/** Throws CromwellError "input" where another process trains in the folder, or none can lock there. */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = join(folder, lockName);
  for (let attempt = 0; ; attempt++) {
    const lock = await tryLock(path, "BEGIN EXCLUSIVE");
    if (lock !== undefined) return kept(lock);
    // Somebody who looks holds it for a moment; a training holds it for long.
    if (attempt === attemptsMax) {
      throw new CromwellError("input", `another cromwell trains in ${folder}`, {
        hint: "wait for it, stop it, or name another folder",
      });
    }
    await Bun.sleep(20);
  }
}

const attemptsMax = 10;

/** A lock that nobody refers to would be freed when its database is collected. */
const keptLocks = new Set<RunLock>();

function kept(lock: RunLock): RunLock {
  keptLocks.add(lock);
  return {
    release() {
      keptLocks.delete(lock);
      lock.release();
    },
  };
}

/** Whether a process trains in the folder; false where locks cannot be asked for. */
export async function isTraining(folder: string): Promise<boolean> {
  const path = join(folder, lockName);
  if (!existsSync(path)) return false;
  try {
    const lock = await tryLock(path, "BEGIN; SELECT count(*) FROM sqlite_schema");
    lock?.release();
    return lock === undefined;
  } catch {
    return false;
  }
}

/** undefined where another one has the lock. */
async function tryLock(path: string, statement: string): Promise<RunLock | undefined> {
  const { Database } = await import("bun:sqlite");
  let database: InstanceType<typeof Database> | undefined;
  try {
    const opened = new Database(path, { readwrite: true, create: true });
    database = opened;
    opened.exec(statement);
    return { release: () => opened.close() };
  } catch (cause) {
    database?.close();
    if (systemCode(cause) === "SQLITE_BUSY") return undefined;
    const why = systemReason(cause);
    throw new CromwellError("input", `cannot lock ${path}: ${why}`, { cause });
  }
}
