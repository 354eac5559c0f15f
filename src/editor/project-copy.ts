// A copy of a project for a check to run in: what belongs to the project and what lies beside it, so that
// whatever the check does it does to the copy. Only installed packages are shared with the real one.

import { constants, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { breathe } from "../breathe.ts";
import { CromwellError } from "../errors.ts";
import { walk } from "../project/walk.ts";

/** What is copied at most. */
const filesMax = 50_000;
const bytesMax = 2 ** 30;

/** Ignored folders of installed packages: large, and nothing that a test changes. */
const packages = new Set(["node_modules", ".venv", "venv", "vendor", "bower_components"]);

/** Folders that answers must not share: what was compiled of one of them is not true of the next. */
const caches = new Set(["__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".cache"]);

const copyPrefix = "cromwell-check-";

/** A copy of this age belongs to a process that was killed. */
const abandonedMs = 24 * 3_600_000;

interface Link {
  readonly path: string;
  /** As it stands in the link, or where the real folder is that the copy shares. */
  readonly target: string;
  readonly isShared: boolean;
}

/** What a project's copy is made of; paths are relative to its root. */
export class ProjectCopy {
  readonly #root: string;
  readonly #folders = new Set<string>([""]);
  readonly #files: string[] = [];
  readonly #links: Link[] = [];
  #bytes = 0;

  private constructor(root: string) {
    this.#root = root;
  }

  /**
   * Lists what belongs to a copy of `root`, `needed` in any case. What the project ignores and does not
   * fit is left out and said. Throws CromwellError "input" for a project that is too large.
   */
  static async list(
    root: string,
    needed: string,
    options: { signal?: AbortSignal | undefined; onNotice?: ((line: string) => void) | undefined },
  ): Promise<ProjectCopy> {
    const copy = new ProjectCopy(root);
    const own = new Set([needed]);
    for await (const { path } of walk(root, { signal: options.signal })) {
      if (!path.split("/").some((part) => caches.has(part))) own.add(path);
    }
    for (const path of own) copy.#addFoldersOf(path);
    for (const folder of [...copy.#folders]) {
      for (const name of namesIn(join(root, folder))) {
        await breathe(options.signal);
        const path = folder === "" ? name : `${folder}/${name}`;
        if (name === ".git" || copy.#folders.has(path)) continue;
        if (own.has(path)) {
          if (!copy.#add(path)) throw tooLarge(root);
        } else if (packages.has(name)) {
          copy.#links.push({ path, target: join(root, path), isShared: true });
        } else if (!caches.has(name) && !(await copy.#addIgnored(path, options.signal))) {
          options.onNotice?.(
            `check: ${path}, which the project ignores, is too large to be copied`,
          );
        }
      }
    }
    return copy;
  }

  /** Makes the copy in a new temporary folder and returns that; the caller removes it. */
  async make(signal?: AbortSignal): Promise<string> {
    await removeAbandoned();
    const copy = await mkdtemp(join(tmpdir(), copyPrefix));
    try {
      for (const folder of this.#folders) await mkdir(join(copy, folder), { recursive: true });
      for (const path of this.#files) {
        await breathe(signal);
        await copyFile(join(this.#root, path), join(copy, path), constants.COPYFILE_FICLONE);
      }
      for (const link of this.#links)
        await symlink(this.#targetIn(copy, link), join(copy, link.path));
      return copy;
    } catch (error) {
      await rm(copy, { recursive: true, force: true });
      throw error;
    }
  }

  #addFoldersOf(path: string): void {
    const folder = dirname(path);
    if (folder === "." || this.#folders.has(folder)) return;
    this.#addFoldersOf(folder);
    this.#folders.add(folder);
  }

  /** Adds a file or link; false where there is no room. Devices and pipes are left out. */
  #add(path: string): boolean {
    const status = lstatSync(join(this.#root, path), { throwIfNoEntry: false });
    if (status?.isSymbolicLink()) {
      this.#links.push({ path, target: readlinkSync(join(this.#root, path)), isShared: false });
    }
    if (!status?.isFile()) return true;
    this.#bytes += status.size;
    if (this.#files.length >= filesMax || this.#bytes > bytesMax) return false;
    this.#files.push(path);
    return true;
  }

  /** Into the copy where a link points into the project by its whole path; else as it is. */
  #targetIn(copy: string, { target, isShared }: Link): string {
    const isInside = !isShared && target.startsWith(`${this.#root}/`);
    return isInside ? join(copy, target.slice(this.#root.length)) : target;
  }

  /** Adds an ignored file, or a folder whole; nothing of it, and false, where there is no room. */
  async #addIgnored(path: string, signal: AbortSignal | undefined): Promise<boolean> {
    const before = { files: this.#files.length, links: this.#links.length, bytes: this.#bytes };
    const folders: string[] = [];
    const waiting = [path];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      await breathe(signal);
      if (lstatSync(join(this.#root, next), { throwIfNoEntry: false })?.isDirectory()) {
        folders.push(next);
        const names = namesIn(join(this.#root, next)).filter(
          (name) => name !== ".git" && !caches.has(name),
        );
        waiting.push(...names.map((name) => `${next}/${name}`));
      } else if (!this.#add(next) || waiting.length > filesMax) {
        this.#files.length = before.files;
        this.#links.length = before.links;
        this.#bytes = before.bytes;
        return false;
      }
    }
    for (const folder of folders) this.#folders.add(folder);
    return true;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // What cannot be read cannot be copied, and the check cannot read it either.
    return [];
  }
}

/** Removes this user's copies that no process can still be using. */
async function removeAbandoned(): Promise<void> {
  for (const name of namesIn(tmpdir())) {
    if (!name.startsWith(copyPrefix)) continue;
    const path = join(tmpdir(), name);
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (!status?.isDirectory() || status.uid !== process.getuid?.()) continue;
    if (status.mtimeMs > Date.now() - abandonedMs) continue;
    await rm(path, { recursive: true, force: true });
  }
}

function tooLarge(root: string): CromwellError {
  const most = `${filesMax} files or ${bytesMax / 2 ** 30} GiB`;
  return new CromwellError("input", `cannot copy ${root} to check in: it has over ${most}`, {
    hint: "run cromwell in a smaller project, or list what it need not copy in .cromwellignore",
  });
}
