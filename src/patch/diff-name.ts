// What a diff calls a file, so that the diff applies: relative to where it will be applied, never a
// path that leads out of there, which git and `cromwell apply` refuse.

import { basename, relative, resolve } from "node:path";
import { findRepository } from "../project/repository.ts";

/**
 * For a plain diff: the name from `folder` (absolute), else from the top of its repository, else the
 * base name. `path` may be relative to `folder`.
 */
export function nameFromHere(path: string, folder: string): string {
  return nameIn([folder, topOf(folder)], resolve(folder, path));
}

/** For git's headers, which name files from the top of the repository that `folder` is in, if any. */
export function nameFromTop(path: string, folder: string): string {
  return nameIn([topOf(folder), folder], resolve(folder, path));
}

function topOf(folder: string): string {
  return findRepository(folder)?.top ?? folder;
}

function nameIn(folders: readonly string[], path: string): string {
  const isBelow = (name: string) => name !== "" && !/^\.\.(\/|$)/.test(name);
  return folders.map((folder) => relative(folder, path)).find(isBelow) ?? basename(path);
}
