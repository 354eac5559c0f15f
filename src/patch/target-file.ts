// The files that a patch names, read without leaving the root: no name that leads out of it or into
// git's own folder, no symbolic link at any step, nothing but regular files.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
} from "node:fs";
import { dirname, join, sep } from "node:path";
import { CromwellError, systemCode, systemReason } from "../errors.ts";
import { hashOf } from "../project/file-state.ts";
import { refusal } from "./patch.ts";

const bytesMax = 64 * 1024 * 1024;

export interface TargetFile {
  /** The bytes, one character each (latin1). */
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  /** Device and inode: two names of one file have the same. */
  readonly identity: string;
}

/**
 * Reads the file `name` of the folder `root` (a real path); undefined where there is none. Throws
 * CromwellError "rejected" for a name or a file that a patch may not touch.
 */
export function readTarget(root: string, name: string): TargetFile | undefined {
  checkName(name);
  try {
    return hasFolder(root, name) ? read(root, name) : undefined;
  } catch (error) {
    const code = systemCode(error);
    if (error instanceof CromwellError || code === undefined) throw error;
    if (code === "ENOENT") return undefined;
    throw refusal(
      code === "ELOOP"
        ? `${name} is a symbolic link`
        : `cannot read ${name}: ${systemReason(error)}`,
    );
  }
}

/** Refuses names that lead out of the folder, into .git, or that no sane file has. */
export function checkName(name: string): void {
  const shown = JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
  if (/[\0\n]/.test(name)) throw refusal(`the name ${shown} holds a control character`);
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name))
    throw refusal(`the name ${shown} is absolute`);
  // A backslash parts folders where a patch may be applied next, so it does here.
  for (const part of name.split(/[/\\]/)) {
    if (part === "" || part === "." || part === "..") {
      throw refusal(`the name ${shown} leads out of the folder, or through it in a roundabout way`);
    }
    if (isGitFolder(part)) throw refusal(`the name ${shown} is in git's own folder`);
  }
}

/** What some file system takes for ".git": ignored case, invisible characters, dots and streams. */
function isGitFolder(part: string): boolean {
  const visible = part.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, "");
  const plain = visible
    .toLowerCase()
    .replace(/:.*$/s, "")
    .replace(/[ .]+$/, "");
  return plain === ".git" || plain === "git~1";
}

/** Walks to the folder of `name`: false where it is missing. */
function hasFolder(root: string, name: string): boolean {
  let at = root;
  for (const part of name.split("/").slice(0, -1)) {
    at = join(at, part);
    const status = lstatSync(at, { throwIfNoEntry: false });
    if (status === undefined) return false;
    const folder = at.slice(root.length + 1);
    if (status.isSymbolicLink()) {
      throw refusal(`${name} is beyond a symbolic link: ${folder}`);
    }
    if (!status.isDirectory()) throw refusal(`${name} cannot be: ${folder} is not a folder`);
  }
  return true;
}

/** Opened without following a link and without waiting: a pipe without a writer would block. */
function read(root: string, name: string): TargetFile {
  const path = join(root, name);
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const status = fstatSync(file);
    if (status.isDirectory()) throw refusal(`${name} is a folder`);
    if (!status.isFile()) throw refusal(`${name} is not a regular file`);
    if (status.size > bytesMax) {
      throw refusal(
        `${name} is larger than ${bytesMax / 1024 / 1024} MiB, the most that is patched`,
      );
    }
    // A folder may have become a link since it was looked at.
    const folder = realpathSync(dirname(path));
    if (folder !== root && !folder.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw refusal(`${name} is beyond a symbolic link`);
    }
    const bytes = readFileSync(file);
    return {
      text: bytes.toString("latin1"),
      mode: status.mode & 0o7777,
      hash: hashOf(bytes),
      identity: `${status.dev}:${status.ino}`,
    };
  } finally {
    closeSync(file);
  }
}
