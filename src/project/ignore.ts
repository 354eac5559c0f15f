// Decides what is ignored: the ignore files of a folder and of those above it, the repository's own
// and the user's, in git's order (gitignore(5)); and .cromwellignore files before them all.

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../errors.ts";
import { nameBytes, systemPath } from "./file-name.ts";
import { excludesFile, type GitConfig, isTrue } from "./git-config.ts";
import { lowerCase } from "./glob.ts";
import type { Environment } from "./home.ts";
import { IgnoreFile, type IgnorePattern, type LookedUp } from "./ignore-file.ts";
import type { Repository } from "./repository.ts";

/** A larger ignore file is not read, which is said. */
const bytesMax = 4 * 1024 * 1024;

export interface IgnoreOptions {
  /** What paths are relative to, absolute. */
  readonly top: string;
  readonly repository: Repository | undefined;
  readonly config: GitConfig;
  readonly environment: Environment;
  readonly onNotice: (line: string) => void;
  /** Hears of each ignore file below the top that is looked for, by its path from there. */
  readonly onRule?: ((path: string) => void) | undefined;
}

export class Ignore {
  readonly #options: IgnoreOptions;
  readonly #top: string;
  readonly #ignoreCase: boolean;
  /** For all folders, the first to decide first. */
  readonly #shared: readonly IgnoreFile[];
  /** Of the files that the shared rules come from. */
  sharedHash = 0n;

  constructor(options: IgnoreOptions) {
    const { top, repository, config, environment } = options;
    this.#options = options;
    this.#top = nameBytes(top);
    this.#ignoreCase = isTrue(config.get("core.ignorecase"));
    const own = repository && join(repository.common, "info", "exclude");
    const user = excludesFile(config, environment, top);
    const files = [own, user].map((path) => path && this.#read(nameBytes(path), path, "", true));
    this.#shared = files.filter((file) => file instanceof IgnoreFile);
  }

  /** The rules at the top. */
  root(): IgnoreLevel {
    return new IgnoreLevel(this, undefined, "");
  }

  /** The ignore file called `name` in `folder` ("" or with "/" at its end). */
  fileIn(folder: string, name: string): IgnoreFile | undefined {
    const path = folder + name;
    this.#options.onRule?.(path);
    // git does not follow a link here: it may lead out of the project.
    return this.#read(`${this.#top}/${path}`, path, folder, false);
  }

  get shared(): readonly IgnoreFile[] {
    return this.#shared;
  }

  lookUp(path: string, isFolder: boolean): LookedUp {
    const folded = this.#ignoreCase ? lowerCase(path) : path;
    return { path: folded, base: folded.lastIndexOf("/") + 1, isFolder };
  }

  #read(path: string, source: string, folder: string, follow: boolean): IgnoreFile | undefined {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW);
    let file: number;
    try {
      file = openSync(systemPath(path), flags);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
    try {
      const status = fstatSync(file);
      if (!status.isFile()) return undefined;
      if (status.size > bytesMax) {
        this.#options.onNotice(`${source} is too large for an ignore file and is left out`);
        return undefined;
      }
      const bytes = readFileSync(file);
      if (follow) this.sharedHash = Bun.hash.xxHash3(bytes, this.sharedHash);
      return new IgnoreFile(bytes, source, folder, this.#ignoreCase);
    } finally {
      closeSync(file);
    }
  }
}

/** The rules that hold in one folder. */
export class IgnoreLevel {
  readonly #ignore: Ignore;
  readonly #git: readonly IgnoreFile[];
  readonly #cromwell: readonly IgnoreFile[];
  readonly #folder: string;

  /** `folder` is "" or ends with "/"; `names` are the files in it where they are known. */
  constructor(
    ignore: Ignore,
    above: IgnoreLevel | undefined,
    folder: string,
    names?: ReadonlySet<string>,
  ) {
    this.#ignore = ignore;
    this.#folder = folder;
    const read = (name: string) =>
      names === undefined || names.has(name) ? ignore.fileIn(folder, name) : undefined;
    this.#git = below(read(".gitignore"), above === undefined ? ignore.shared : above.#git);
    this.#cromwell = below(read(".cromwellignore"), above === undefined ? [] : above.#cromwell);
  }

  /** The rules of a folder within this one. */
  enter(name: string, names?: ReadonlySet<string>): IgnoreLevel {
    return new IgnoreLevel(this.#ignore, this, `${this.#folder}${name}/`, names);
  }

  /** The pattern that decides on a file or folder in this folder, undefined where none does. */
  match(name: string, isFolder: boolean): IgnorePattern | undefined {
    const path = this.#ignore.lookUp(this.#folder + name, isFolder);
    return firstMatch(this.#cromwell, path) ?? firstMatch(this.#git, path);
  }

  ignores(name: string, isFolder: boolean): boolean {
    const pattern = this.match(name, isFolder);
    return pattern !== undefined && !pattern.isNegative;
  }

  /** Whether .cromwellignore files ignore it: these hold for tracked files too. */
  hides(name: string, isFolder: boolean): boolean {
    if (this.#cromwell.length === 0) return false;
    const path = this.#ignore.lookUp(this.#folder + name, isFolder);
    const pattern = firstMatch(this.#cromwell, path);
    return pattern !== undefined && !pattern.isNegative;
  }
}

function below(own: IgnoreFile | undefined, above: readonly IgnoreFile[]): readonly IgnoreFile[] {
  return own === undefined ? above : [own, ...above];
}

function firstMatch(files: readonly IgnoreFile[], path: LookedUp): IgnorePattern | undefined {
  for (const file of files) {
    const pattern = file.match(path);
    if (pattern !== undefined) return pattern;
  }
  return undefined;
}
