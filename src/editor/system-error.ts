// The operating system's reasons in words: what stands in a one-line error instead of ENOENT.
// Unknown codes are shown as they are, so that nothing is hidden.

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

/** Why a system call failed, as a phrase for an error's line. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) return reasons[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}
