// One walk through a project's folders, step by step: what git tracks and what it would add, less what
// ignore files name. walk.ts gives its steps out and listens for the signal between them.

import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { CromwellError, systemCode, systemReason } from "../errors.ts";
import { nameBytes, readableName, systemPath } from "./file-name.ts";
import { type GitConfig, isTrue, readGitConfig } from "./git-config.ts";
import { lowerCase } from "./glob.ts";
import { Ignore, type IgnoreLevel } from "./ignore.ts";
import { findRepository, isRepository, type Repository } from "./repository.ts";
import { skippedByName } from "./skipped.ts";
import { TrackedIndex } from "./tracked-index.ts";
import type { TrackedPaths } from "./tracked-paths.ts";
import type { ProjectFile, WalkOptions } from "./walk.ts";
import { hashOfNames, type WalkLog } from "./walk-log.ts";

/** What one step of the walk finds; undefined for what is passed over. */
type Step = ProjectFile | undefined;

export class ProjectTree {
  readonly #options: WalkOptions;
  /** What the rules' paths are relative to: the repository's top, else the root. */
  readonly #top: string;
  /** Where the walk begins: "" or with "/" at its end, from the top. */
  readonly #start: string;
  /** What stands before a path from the start on, to make it one from the root. */
  readonly #shown: string;
  readonly #repository: Repository | undefined;
  readonly #config: GitConfig;
  readonly #ignoreCase: boolean;
  readonly #index: TrackedIndex;
  readonly #ignore: Ignore;
  readonly #log: WalkLog | undefined;
  readonly #said = new Set<string>();
  /** The rules of each folder that was walked, by its path. */
  readonly #levels = new Map<string, IgnoreLevel | "hidden">();
  /** Whether a folder is one, with all above it. */
  readonly #real = new Map<string, boolean>();

  /** @param log is told what the walk goes by */
  constructor(root: string, options: WalkOptions, log?: WalkLog) {
    const { from = ".", environment = process.env } = options;
    this.#options = options;
    const absolute = folderAt(root, root);
    const start = folderAt(resolve(absolute, from), from);
    const below = relative(absolute, start);
    if (below === ".." || below.startsWith(`..${sep}`)) {
      throw new CromwellError("usage", `${from} is not in ${root}`);
    }
    this.#repository = findRepository(start);
    const top = this.#repository?.top ?? absolute;
    this.#top = nameBytes(top === "/" ? "" : top);
    this.#start = asPrefix(relative(top, start));
    this.#shown = asPrefix(below);
    this.#config = readGitConfig(environment, this.#repository);
    this.#ignoreCase = isTrue(this.#config.get("core.ignorecase"));
    this.#log = log;
    const onNotice = (line: string) => this.#say(line);
    this.#index = new TrackedIndex(this.#repository, this.#config, onNotice);
    this.#ignore = new Ignore({
      top,
      repository: this.#repository,
      config: this.#config,
      environment,
      onNotice,
      onRule: (path) => void log?.rules.add(path),
    });
  }

  /** What paths are relative to, for the system. */
  get top(): string | Buffer {
    return systemPath(this.#top || "/");
  }

  /**
   * All that decides but lies outside of what is walked, as one hash; undefined for a walk that does not
   * begin at the top, as it goes by ignore files above it too.
   */
  get foundation(): bigint | undefined {
    if (this.#start !== "" || this.#shown !== "") return undefined;
    const told = [this.#top, this.#repository, [...this.#config]];
    const rules = Bun.hash.xxHash3(JSON.stringify(told), this.#ignore.sharedHash);
    return Bun.hash.xxHash3(this.#index.bytes ?? "", rules);
  }

  get #tracked(): TrackedPaths {
    return this.#index.paths;
  }

  #say(line: string): void {
    this.#logNothing();
    // What lists known files may meet the same before the walk does.
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.#options.onNotice?.(line);
  }

  /** Something decides that is not in the log. */
  #logNothing(): void {
    if (this.#log !== undefined) this.#log.isWhole = false;
  }

  *steps(): Generator<Step> {
    yield* this.#untracked();
    yield* this.#trackedFiles();
  }

  /** Files that are neither tracked nor ignored. */
  *#untracked(): Generator<Step> {
    const level = this.#startLevel();
    if (level === undefined) return;
    yield* this.#walk(this.#opened(this.#start, level, this.#entries(this.#start)));
  }

  /** The rules where the walk begins; undefined in what is ignored or git's own. */
  #startLevel(): IgnoreLevel | undefined {
    let level = this.#ignore.root();
    let folder = "";
    for (const name of this.#start.split("/").slice(0, -1)) {
      const isOther = this.#tracked.kindOf(folder + name) === "repository";
      if (name === ".git" || isOther || level.ignores(name, true)) return undefined;
      level = level.enter(name);
      folder += `${name}/`;
    }
    return level;
  }

  /** Depth first, without recursion: a tree may be deeper than the stack. */
  *#walk(start: OpenFolder): Generator<Step> {
    const open = [start];
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      const entry = folder.entries[folder.next++];
      let found: Step;
      if (entry === undefined) open.pop();
      else if (entry.isFolder) {
        const inside = this.#inside(folder, entry.name);
        if (inside !== undefined && "level" in inside) open.push(inside);
        else found = inside;
      } else {
        found = this.#untrackedFile(folder, entry.name);
      }
      yield found;
    }
  }

  #untrackedFile({ path, level, tracked }: OpenFolder, name: string): Step {
    if (tracked?.has(this.#tracked.fold(name)) || level.ignores(name, false)) return undefined;
    const file = this.#file(path + name);
    // It was there a moment ago, and may be again.
    if (file === undefined) this.#logNothing();
    if (file?.skipped !== "special") return file;
    // git lists no pipes and the like.
    this.#log?.rules.add(path + name);
    return undefined;
  }

  /** A folder to walk, or a repository to name; undefined for one that is passed over. */
  #inside({ path, level }: OpenFolder, name: string): OpenFolder | ProjectFile | undefined {
    const folder = `${path}${name}/`;
    const tracked = this.#tracked.kindOf(path + name);
    if (tracked === "repository" || level.ignores(name, true)) return undefined;
    if (tracked === undefined && this.#isRepository(path + name)) {
      this.#logNothing();
      return this.#described(folder, { ...nowhere, skipped: "repository" });
    }
    const entries = this.#entries(folder);
    const names = new Set(entries.map((entry) => entry.name));
    return this.#opened(folder, level.enter(name, names), entries);
  }

  #opened(path: string, level: IgnoreLevel, entries: readonly Entry[]): OpenFolder {
    this.#levels.set(path, level);
    this.#real.set(path, true);
    return { path, level, tracked: this.#tracked.namesIn(path), entries, next: 0 };
  }

  /** git lists a repository within another by its name; outside of any, it is a folder. */
  #isRepository(path: string): boolean {
    if (this.#repository === undefined) return false;
    const folder = systemPath(this.#absolute(path));
    return typeof folder === "string" && isRepository(folder);
  }

  #entries(folder: string): Entry[] {
    const entries: Entry[] = [];
    try {
      const path = systemPath(this.#absolute(folder));
      const found = readdirSync(path, { encoding: "latin1", withFileTypes: true });
      for (const entry of found) {
        const { name } = entry;
        if ((this.#ignoreCase ? lowerCase(name) : name) === ".git") {
          // What is in it tells whether it is a repository; of the top's own that is asked each time.
          if (folder !== "") this.#logNothing();
          continue;
        }
        const isKnown = entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
        const isFolder = isKnown ? entry.isDirectory() : this.#isFolder(folder + name);
        entries.push({ name, isFolder, key: isFolder ? `${name}/` : name });
      }
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      const name = readableName(this.#fromRoot(folder)) || ".";
      this.#say(`${name} cannot be read: ${systemReason(error)}`);
    }
    entries.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#log?.folders.set(folder, hashOfNames(entries.map(({ key }) => key)));
    return entries;
  }

  /** The hash of the names in a folder ("" or with "/" at its end); undefined where they are not all. */
  readNames(folder: string): bigint | undefined {
    this.#entries(folder);
    return this.#log?.isWhole ? this.#log.folders.get(folder) : undefined;
  }

  /** Files that git tracks, ignored or not. */
  *#trackedFiles(): Generator<Step> {
    let folder = "";
    let level = this.#levelOf(folder);
    for (const { path, isRepository } of this.#tracked.paths) {
      if (!path.startsWith(this.#start)) continue;
      const end = path.lastIndexOf("/") + 1;
      // They are in the order of their names: most lie beside the one before.
      if (end !== folder.length || !path.startsWith(folder)) {
        folder = path.slice(0, end);
        level = this.#levelOf(folder);
      }
      const isHidden = level === "hidden" || level.hides(path.slice(end), false);
      yield isHidden ? undefined : this.#trackedFile(path, folder, isRepository);
    }
  }

  #trackedFile(path: string, folder: string, isRepository: boolean): ProjectFile {
    if (isRepository) return this.#described(path, { ...nowhere, skipped: "repository" });
    const file = this.#isReal(folder) ? this.#file(path) : undefined;
    return file ?? this.#described(path, { ...nowhere, skipped: "missing" });
  }

  /** The rules of a folder, walked or not. */
  #levelOf(folder: string): IgnoreLevel | "hidden" {
    const known = this.#levels.get(folder);
    if (known !== undefined) return known;
    const { above, name } = partsOf(folder);
    const level = folder === "" ? this.#ignore.root() : this.#levelOf(above);
    const hidden = level === "hidden" || (folder !== "" && level.hides(name, true));
    const found = hidden ? "hidden" : folder === "" ? level : level.enter(name);
    this.#levels.set(folder, found);
    return found;
  }

  /** Whether a folder on the way to a path is none, but for instance a link. */
  #isReal(folder: string): boolean {
    const known = this.#real.get(folder);
    if (known !== undefined) return known;
    const isReal =
      folder === "" || (this.#isReal(partsOf(folder).above) && this.#isFolder(folder.slice(0, -1)));
    this.#real.set(folder, isReal);
    return isReal;
  }

  #isFolder(path: string): boolean {
    this.#log?.rules.add(path);
    return this.#status(path)?.isDirectory() ?? false;
  }

  #status(path: string): Stats | undefined {
    try {
      return lstatSync(systemPath(this.#absolute(path)), { throwIfNoEntry: false });
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
  }

  /** A file, link or what else is at a path; undefined for nothing and for a folder. */
  #file(path: string): ProjectFile | undefined {
    const status = this.#status(path);
    if (status === undefined || status.isDirectory()) return undefined;
    const { size, mtimeMs, ctimeMs } = status;
    if (status.isFile()) {
      const skipped = skippedByName(path, size);
      return this.#described(path, { size, mtimeMs, ctimeMs, ...(skipped && { skipped }) });
    }
    const skipped = status.isSymbolicLink() ? "link" : "special";
    return this.#described(path, { size, mtimeMs, ctimeMs, skipped });
  }

  #described(path: string, facts: Omit<ProjectFile, "path" | "pathBytes">): ProjectFile {
    const pathBytes = this.#fromRoot(path);
    return { path: readableName(pathBytes), pathBytes, ...facts };
  }

  #fromRoot(path: string): string {
    return this.#shown + path.slice(this.#start.length);
  }

  #absolute(path: string): string {
    return `${this.#top}/${path}`;
  }
}

interface OpenFolder {
  /** "" or with "/" at its end. */
  readonly path: string;
  readonly level: IgnoreLevel;
  /** Names of files in it that git tracks, as it compares them. */
  readonly tracked: ReadonlySet<string> | undefined;
  readonly entries: readonly Entry[];
  next: number;
}

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
  /** The name as it is sorted: a folder's files come where "/" does. */
  readonly key: string;
}

const nowhere = { size: 0, mtimeMs: 0, ctimeMs: 0 };

/** "a/b/" as "a/" and "b". */
function partsOf(folder: string): { above: string; name: string } {
  const start = folder.lastIndexOf("/", folder.length - 2) + 1;
  return { above: folder.slice(0, start), name: folder.slice(start, -1) };
}

function asPrefix(path: string): string {
  return path === "" ? "" : `${nameBytes(path.split(sep).join("/"))}/`;
}

/** The folder without links. Throws CromwellError "input", calling it `name`, where it is none. */
function folderAt(path: string, name: string): string {
  try {
    if (!statSync(path).isDirectory()) throw new CromwellError("input", `${name} is not a folder`);
    return realpathSync(path);
  } catch (cause) {
    if (cause instanceof CromwellError || systemCode(cause) === undefined) throw cause;
    throw new CromwellError("input", `cannot read ${name}: ${systemReason(cause)}`, { cause });
  }
}
