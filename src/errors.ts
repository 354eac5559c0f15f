// The one error class of the project. A code decides the exit status and what a JSON consumer sees;
// the message is one line that says what failed, on which input, and the hint says what to do next.
// System errors are put into words here too, for every line alike.

export type ErrorCode =
  | "usage"
  | "input"
  | "model"
  | "memory"
  | "network"
  | "rejected"
  | "interrupted"
  | "internal";

const exitCodes: Record<ErrorCode, number> = {
  usage: 2,
  input: 1,
  model: 1,
  memory: 1,
  network: 1,
  rejected: 3,
  interrupted: 130,
  internal: 1,
};

export class CromwellError extends Error {
  readonly code: ErrorCode;
  /** What the user can do next, as a sentence fragment: "run `cromwell pull`". */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CromwellError";
    this.code = code;
    this.hint = options.hint;
  }

  /** Process exit status: 1 failed, 2 wrong usage, 3 no acceptable edit, 130 interrupted. */
  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/** The operating system's reasons in words: what stands in a line instead of ENOENT. */
const reasons: Record<string, string> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many open files",
  EFBIG: "the file would be too large",
  EIO: "an input/output error",
  EBADF: "it is closed",
  EEXIST: "it exists already",
  EXDEV: "it is on another file system",
  ENXIO: "no such device",
};

/** The code of a system error ("ENOENT"), or undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Why a system call failed, as a phrase for an error's line; an unknown code is shown as it is. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) return reasons[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}

/** That a path cannot be read, and why; an error that says so itself stays as it is. */
export function unreadable(path: string, cause: unknown): CromwellError {
  if (cause instanceof CromwellError) return cause;
  return new CromwellError("input", `cannot read ${path}: ${systemReason(cause)}`, { cause });
}
