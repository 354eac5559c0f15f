// Patches in a subfolder of a repository, as `git apply` takes them there: git names files from the
// repository's top, plain diffs from where the user is.

import { relative } from "node:path";
import { findRepository } from "../project/repository.ts";
import { type FilePatch, nameOf } from "./patch.ts";

/** What leads from the top of its repository to a folder: "src/patch/"; "" at the top, or in none. */
export function prefixOf(folder: string): string {
  const top = findRepository(folder)?.top ?? folder;
  return top === folder ? "" : `${relative(top, folder)}/`;
}

export interface BelowFolder {
  readonly files: readonly FilePatch[];
  /** The names, from the top, of what git's patch changes elsewhere. */
  readonly skipped: readonly string[];
}

/** The parts of a patch that are for the folder of the prefix, named from there. */
export function belowFolder(patches: readonly FilePatch[], prefix: string): BelowFolder {
  const isHere = (patch: FilePatch) => patch.plain || nameOf(patch).startsWith(prefix);
  return {
    files: patches.filter(isHere).map((patch) => namedFrom(patch, prefix)),
    skipped: patches.filter((patch) => !isHere(patch)).map(nameOf),
  };
}

function namedFrom(patch: FilePatch, prefix: string): FilePatch {
  if (patch.plain || prefix === "") return patch;
  const up = "../".repeat(prefix.split("/").length - 1);
  const named = (name: string | undefined) =>
    name?.startsWith(prefix) ? name.slice(prefix.length) : name && up + name;
  return { ...patch, oldName: named(patch.oldName), newName: named(patch.newName) };
}
