// What a repository tracks, for looking up: a path, a folder that has tracked files, a repository within
// it. Where git ignores case, so does this.

import type { TrackedPath } from "./git-index.ts";
import { lowerCase } from "./glob.ts";

export class TrackedPaths {
  /** In the order of their bytes. */
  readonly paths: readonly TrackedPath[];
  readonly #ignoreCase: boolean;
  readonly #known = new Set<string>();
  readonly #kinds = new Map<string, "folder" | "repository">();

  constructor(paths: readonly TrackedPath[], ignoreCase: boolean) {
    this.paths = paths;
    this.#ignoreCase = ignoreCase;
    for (const { path, isRepository } of paths) {
      const name = this.fold(path);
      this.#known.add(name);
      this.#addFolders(name);
      if (isRepository) this.#kinds.set(name, "repository");
    }
  }

  has(path: string): boolean {
    return this.#known.has(this.fold(path));
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
