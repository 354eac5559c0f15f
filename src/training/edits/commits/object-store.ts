// Reads the objects of a repository with git and nothing else of it: git runs in an empty repository of
// our own that borrows the objects, so that no hook, setting or filter of a stranger's has a say.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CromwellError, systemCode, systemReason } from "../../../errors.ts";
import { findRepository } from "../../../project/repository.ts";

/** Of a file of references or of the commits that a shallow clone ends at. */
const listBytesMax = 8 * 1024 * 1024;
const name = /^[0-9a-f]{40}$/;

export class ObjectStore {
  readonly #folder: string;
  /** The commit that the work tree is of. */
  readonly head: string;

  private constructor(folder: string, head: string) {
    this.#folder = folder;
    this.head = head;
  }

  /** Undefined where `root` is not the top of a repository with commits. Throws CromwellError "input". */
  static open(root: string): ObjectStore | undefined {
    const repository = findRepository(root);
    if (repository === undefined || repository.top !== root) return undefined;
    const head = headOf(repository.own, repository.common);
    const objects = join(repository.common, "objects");
    // A line each: a path with a line's end in it would name two.
    if (head === undefined || /[\n"]/.test(objects)) return undefined;
    const folder = mkdtempSync(join(tmpdir(), "cromwell-commits-"));
    try {
      mkdirSync(join(folder, "refs"));
      mkdirSync(join(folder, "objects", "info"), { recursive: true });
      writeFileSync(join(folder, "objects", "info", "alternates"), `${objects}\n`);
      writeFileSync(join(folder, "HEAD"), "ref: refs/heads/none\n");
      writeFileSync(join(folder, "config"), "[core]\n\tbare = true\n");
      const shallow = readList(join(repository.common, "shallow")) ?? [];
      const ends = shallow.filter((line) => name.test(line));
      if (ends.length > 0) writeFileSync(join(folder, "shallow"), `${ends.join("\n")}\n`);
      return new ObjectStore(folder, head);
    } catch (cause) {
      rmSync(folder, { recursive: true, force: true });
      throw new CromwellError(
        "input",
        `cannot read the history of ${root}: ${systemReason(cause)}`,
        {
          hint: "the temporary folder must be writable",
          cause,
        },
      );
    }
  }

  /** Starts git on the objects, with nothing of the user's environment but where programs are. */
  git(args: readonly string[]): ChildProcessWithoutNullStreams {
    const settings = ["core.commitGraph=false", "core.fsmonitor=false", "protocol.allow=never"];
    const own = settings.flatMap((setting) => ["-c", setting]);
    return spawn("git", [`--git-dir=${this.#folder}`, "--no-pager", ...own, ...args], {
      cwd: this.#folder,
      env: {
        PATH: process.env.PATH ?? "/usr/bin:/bin",
        HOME: this.#folder,
        LC_ALL: "C",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_ATTR_NOSYSTEM: "1",
        GIT_NO_LAZY_FETCH: "1",
        GIT_NO_REPLACE_OBJECTS: "1",
        GIT_OPTIONAL_LOCKS: "0",
        GIT_TERMINAL_PROMPT: "0",
      },
    });
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Whether the folder is the top of a repository of its own. */
export function hasHistory(root: string): boolean {
  return findRepository(root)?.top === root;
}

/** The commit that HEAD names, by itself or by a reference; undefined where there is none. */
function headOf(own: string, common: string): string | undefined {
  let [value] = readList(join(own, "HEAD")) ?? [];
  for (let depth = 0; depth < 5 && value !== undefined; depth++) {
    if (name.test(value)) return value;
    const reference = /^ref: (refs\/[\w./@+-]+)$/.exec(value)?.[1];
    if (reference === undefined || reference.includes("..")) return undefined;
    value = readList(join(own, reference))?.[0] ?? readList(join(common, reference))?.[0];
    value ??= packed(common, reference);
  }
  return undefined;
}

function packed(common: string, reference: string): string | undefined {
  const line = readList(join(common, "packed-refs"))?.find((one) => one.endsWith(` ${reference}`));
  return line?.slice(0, 40);
}

/** Lines of a small file; undefined where it cannot be read. */
function readList(path: string): string[] | undefined {
  try {
    const status = statSync(path);
    if (!status.isFile() || status.size > listBytesMax) return undefined;
    return readFileSync(path, "latin1").split("\n");
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
