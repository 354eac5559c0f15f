// Keeps two pulls from writing the same file at once: a file beside it that only one of them can
// make, with the process that made it inside, so that the lock of one that died is taken over.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { CromwellError, systemCode, systemReason } from "../../errors.ts";

export interface Lock {
  /** Whether a pull that ended without a word had left its lock. */
  readonly takenOver: boolean;
  release(): void;
}

/**
 * Locks `path` by making `${path}.lock`. Throws CromwellError "input" while another process has it,
 * and where the lock cannot be written.
 */
export function lock(path: string): Lock {
  const lockPath = `${path}.lock`;
  const release = () => rmSync(lockPath, { force: true });
  if (make(lockPath)) return { takenOver: false, release };
  const holder = holderOf(lockPath);
  if (holder !== undefined && !isAlive(holder)) {
    release();
    if (make(lockPath)) return { takenOver: true, release };
  }
  const who = holder === undefined ? "" : ` (process ${holder})`;
  throw new CromwellError("input", `another pull is writing ${path}${who}`, {
    hint: `wait for it, or remove ${lockPath} if there is none`,
  });
}

/** Whether the lock could be made; false where there is one. */
function make(lockPath: string): boolean {
  try {
    writeFileSync(lockPath, `${process.pid} ${hostname()}\n`, { flag: "wx" });
    return true;
  } catch (cause) {
    if (systemCode(cause) === "EEXIST") return false;
    throw new CromwellError("input", `cannot write ${lockPath}: ${systemReason(cause)}`, { cause });
  }
}

/** The process of this machine that made the lock; undefined for another machine's. */
function holderOf(lockPath: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(lockPath, "utf8");
  } catch (cause) {
    // It was released just now: whoever had it may have made the file meanwhile.
    if (systemCode(cause) === "ENOENT") return undefined;
    throw new CromwellError("input", `cannot read ${lockPath}: ${systemReason(cause)}`, { cause });
  }
  const [, holder, host] = /^(\d+) (.*)\n$/.exec(text) ?? [];
  return host === hostname() ? Number(holder) : undefined;
}

function isAlive(holder: number): boolean {
  try {
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}
