// Finds the repository that a folder is in, as git does: a `.git` folder, or a file that names one
// (work trees, submodules), the nearest upward.

import { lstatSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { systemCode } from "../errors.ts";
import type { GitFolders } from "./git-config.ts";

export interface Repository extends GitFolders {
  /** The work tree's top, absolute. */
  readonly top: string;
}

/** The repository that `folder` (absolute) is in, undefined where it is in none. */
export function findRepository(folder: string): Repository | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const folders = gitFolders(join(at, ".git"));
    if (folders !== undefined) return { top: at, ...folders };
    if (dirname(at) === at) return undefined;
  }
}

/** Whether a folder is the top of a repository of its own. */
export function isRepository(folder: string): boolean {
  const git = join(folder, ".git");
  if (gitFolders(git) !== undefined) return true;
  // git counts a file that it may not read as one that names a repository.
  return kindOf(git) === "file" && readText(git) === undefined;
}

/** The folders that `.git` is or names. */
function gitFolders(git: string): GitFolders | undefined {
  const kind = kindOf(git);
  if (kind === undefined) return undefined;
  if (kind === "folder") return validFolders(git);
  const named = /^gitdir: (.*?)[\r\n]*$/s.exec(readText(git) ?? "")?.[1];
  return named ? validFolders(resolve(dirname(git), named)) : undefined;
}

function validFolders(own: string): GitFolders | undefined {
  if (!isHead(join(own, "HEAD"))) return undefined;
  const named = readText(join(own, "commondir"))?.replace(/[\r\n]+$/, "");
  const common = named === undefined ? own : isAbsolute(named) ? named : join(own, named);
  const isWhole = kindOf(join(common, "objects")) === "folder" && kindOf(join(common, "refs"));
  return isWhole === "folder" ? { own, common } : undefined;
}

/** A HEAD names a reference or is an object's name. */
function isHead(path: string): boolean {
  try {
    if (lstatSync(path).isSymbolicLink()) return readlinkSync(path).startsWith("refs/");
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
  return /^(ref:\s*refs\/|[0-9a-f]{40})/.test(readText(path) ?? "");
}

function kindOf(path: string): "file" | "folder" | undefined {
  try {
    const status = statSync(path);
    return status.isDirectory() ? "folder" : status.isFile() ? "file" : undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/** What such files hold is a line. */
const bytesMax = 64 * 1024;

function readText(path: string): string | undefined {
  try {
    if (statSync(path).size > bytesMax) return undefined;
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
