// Whether a run is being trained right now: its process holds a lock, that SQLite takes, on a file in the
// run's folder. The system frees it however the process ends, so a killed run never looks alive.

import { closeSync, existsSync, openSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CromwellError, systemCode, systemReason } from "../../errors.ts";
import { makeFolder } from "../../formats/atomic-file.ts";

const lockName = "run.lock";

export interface RunLock {
  readonly folder: string;
  /** Lets others train there. Leaves no folder that was made for it where nothing came into it. */
  close(): void;
}

/**
 * Takes a run's folder, which is made where it is missing: what is read of it from then on, nobody else
 * changes. Throws CromwellError "input" where another process trains there, or none can lock there.
 */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = join(folder, lockName);
  let made: string | undefined;
  for (let attempt = 0; ; attempt++) {
    made = makeFolder(folder) ?? made;
    const file = await tryLockThere(path);
    if (file !== undefined) return kept(folder, made, file);
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

/** Locks the file of that name, and no other that its last owner has just removed. */
async function tryLockThere(path: string): Promise<LockedFile | undefined> {
  let file: LockedFile | undefined;
  try {
    closeSync(openSync(path, "a"));
    const before = statSync(path).ino;
    file = await tryLock(path, "BEGIN EXCLUSIVE");
    if (file === undefined || statSync(path).ino === before) return file;
  } catch (cause) {
    if (existsSync(dirname(path)) && systemCode(cause) !== "ENOENT") throw unlockable(path, cause);
  }
  file?.close();
  return undefined;
}

/** A lock that nobody refers to would be freed when its database is collected. */
const keptFiles = new Set<LockedFile>();

function kept(folder: string, made: string | undefined, file: LockedFile): RunLock {
  keptFiles.add(file);
  return {
    folder,
    close() {
      if (!keptFiles.delete(file)) return;
      const isBare = holdsNothingElse(folder);
      // Removed before it is freed: whoever waits for it sees that it is gone.
      if (isBare) rmSync(join(folder, lockName), { force: true });
      file.close();
      if (isBare && made !== undefined) removeEmpty(resolve(folder), resolve(made));
    },
  };
}

/** SQLite has a file of its own beside the lock. */
function holdsNothingElse(folder: string): boolean {
  try {
    return readdirSync(folder).every((name) => name.startsWith(lockName));
  } catch {
    return false;
  }
}

/** Removes empty folders from one upwards to another. */
function removeEmpty(folder: string, topmost: string): void {
  try {
    rmdirSync(folder);
    if (folder !== topmost) removeEmpty(dirname(folder), topmost);
  } catch {
    // Somebody has put something there in this moment.
  }
}

/** Whether a process trains in the folder; false where locks cannot be asked for. */
export async function isTraining(folder: string): Promise<boolean> {
  const path = join(folder, lockName);
  if (!existsSync(path)) return false;
  try {
    const file = await tryLock(path, "BEGIN; SELECT count(*) FROM sqlite_schema");
    file?.close();
    return file === undefined;
  } catch {
    return false;
  }
}

interface LockedFile {
  close(): void;
}

/** undefined where another one has the lock. */
async function tryLock(path: string, statement: string): Promise<LockedFile | undefined> {
  const { Database } = await import("bun:sqlite");
  let database: InstanceType<typeof Database> | undefined;
  try {
    const opened = new Database(path, { readwrite: true, create: true });
    database = opened;
    opened.exec(statement);
    return { close: () => opened.close() };
  } catch (cause) {
    database?.close();
    if (systemCode(cause) === "SQLITE_BUSY") return undefined;
    throw unlockable(path, cause);
  }
}

function unlockable(path: string, cause: unknown): CromwellError {
  if (cause instanceof CromwellError) return cause;
  return new CromwellError("input", `cannot lock ${path}: ${systemReason(cause)}`, { cause });
}
