// What a repository tracks, for looking up: a path, a folder that has tracked files, a repository within
// it. Where git ignores case, so does this.

import type { TrackedPath } from "./git-index.ts";
import { lowerCase } from "./glob.ts";

export class TrackedPaths {
  /** In the order of their bytes. */
  readonly paths: readonly TrackedPath[];
  readonly #ignoreCase: boolean;
  /** Names of files by their folder, "" or with "/" at its end. */
  readonly #names = new Map<string, Set<string>>();
  readonly #kinds = new Map<string, "folder" | "repository">();

  constructor(paths: readonly TrackedPath[], ignoreCase: boolean) {
    this.paths = paths;
    this.#ignoreCase = ignoreCase;
    let folder: string | undefined;
    let names = new Set<string>();
    for (const { path, isRepository } of paths) {
      const name = this.fold(path);
      const end = name.lastIndexOf("/") + 1;
      // They are in the order of their names: most lie beside the one before.
      if (end !== folder?.length || !name.startsWith(folder)) {
        folder = name.slice(0, end);
        names = this.#names.get(folder) ?? new Set();
        this.#names.set(folder, names);
        this.#addFolders(folder);
      }
      names.add(name.slice(end));
      if (isRepository) this.#kinds.set(name, "repository");
    }
  }

  /** Names, folded, of what is tracked in a folder ("" or with "/" at its end) itself. */
  namesIn(folder: string): ReadonlySet<string> | undefined {
    return this.#names.get(this.fold(folder));
  }

  /** What a folder is to git; undefined where nothing in it is tracked. */
  kindOf(folder: string): "folder" | "repository" | undefined {
    return this.#kinds.get(this.fold(folder));
  }

  fold(name: string): string {
    return this.#ignoreCase ? lowerCase(name) : name;
  }

  #addFolders(path: string): void {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (this.#kinds.has(folder)) return;
      this.#kinds.set(folder, "folder");
    }
  }
}
