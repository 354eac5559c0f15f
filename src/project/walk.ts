// The files of a project: what `git ls-files -co --exclude-standard` lists, found without running git,
// less what .cromwellignore files name. Never leaves the folder: links are named, not followed.

import { breathe } from "../breathe.ts";
import type { Environment } from "./home.ts";
import { ProjectTree } from "./project-tree.ts";
import type { Skipped } from "./skipped.ts";

export interface ProjectFile {
  /** Relative to the root, with "/". */
  readonly path: string;
  /** The path with a byte in each character: a name need not be UTF-8. */
  readonly pathBytes: string;
  readonly size: number;
  /** Milliseconds since 1970: of the contents' last change, and of any change. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /**
   * Why it is nothing to read for a model, as far as name, kind and size tell. "missing": tracked, but
   * not on the disk; "repository": one within this one; "special": a pipe, a socket, a device.
   */
  readonly skipped?: Skipped | "missing" | "link" | "repository" | "special";
}

export interface WalkOptions {
  /** A folder below the root; what is outside is not looked at. Default: the root. */
  readonly from?: string | undefined;
  /** For git's configuration: HOME, XDG_CONFIG_HOME … Default: the process's. */
  readonly environment?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives what was passed over, and why. */
  readonly onNotice?: ((line: string) => void) | undefined;
}

/**
 * Every file below `root`, untracked ones first, each of the two in the order of their bytes, as git
 * lists them. Outside a repository the ignore files below the root count, and the user's own. Throws CromwellError
 * "input" where the root is no folder that can be read, "interrupted" on the signal.
 */
export async function* walk(root: string, options: WalkOptions = {}): AsyncGenerator<ProjectFile> {
  for (const file of new ProjectTree(root, options).steps()) {
    const pause = breathe(options.signal);
    if (pause !== undefined) await pause;
    if (file !== undefined) yield file;
  }
}

/** The same in one list, which is sooner made: nothing is awaited between two files. */
export async function listFiles(root: string, options: WalkOptions = {}): Promise<ProjectFile[]> {
  const files: ProjectFile[] = [];
  for (const file of new ProjectTree(root, options).steps()) {
    const pause = breathe(options.signal);
    if (pause !== undefined) await pause;
    if (file !== undefined) files.push(file);
  }
  return files;
}
