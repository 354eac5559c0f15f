// The two sides of `cromwell diff`: files, standard input, or folders, walked together so that the
// files of one name come as a pair. Nothing is ignored but .git, and no link is followed.

import { type Dirent, readdirSync, readlinkSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { breathe } from "../breathe.ts";
import { CromwellError, systemReason } from "../errors.ts";
import { nameFromTop } from "../patch/diff-name.ts";
import { usage } from "./arguments.ts";
import type { Io } from "./io.ts";
import { notice, pathIn } from "./model-flags.ts";
import { readBytes } from "./read-text.ts";

/** A file as git stores one: plain, executable, or a link with its target as contents. */
export type Mode = "100644" | "100755" | "120000";

export interface Side {
  readonly name: string;
  /** Undefined for standard input, which has none of its own. */
  readonly mode: Mode | undefined;
  read(): Promise<Uint8Array>;
}

/** The same file on both sides; undefined where a side lacks it. */
export interface Pair {
  readonly old: Side | undefined;
  readonly new: Side | undefined;
}

/**
 * What is to be compared. Two folders give the files of both, named by their path in them; a file and
 * a folder the file and that of its name in the folder. Throws CromwellError "usage" for standard
 * input twice or beside a folder, "input" for what is not there, and "interrupted".
 */
export async function* pairsOf(io: Io, a: string, b: string): AsyncGenerator<Pair> {
  if (a === "-" && b === "-") throw usage("diff", "only one side can be -");
  const folders = [isFolder(io, a), isFolder(io, b)] as const;
  if (folders[0] && folders[1]) {
    yield* pairsOfFolders(io, a, b);
    return;
  }
  if ((folders[0] || folders[1]) && (a === "-" || b === "-")) {
    throw usage("diff", "standard input cannot be compared with a folder");
  }
  const oldName = folders[0] ? join(a, basename(b)) : a;
  const newName = folders[1] ? join(b, basename(a)) : b;
  yield { old: given(io, oldName, newName), new: given(io, newName, oldName) };
}

function isFolder(io: Io, name: string): boolean {
  if (name === "-") return false;
  return statOf(io, name).isDirectory();
}

function statOf(io: Io, name: string) {
  try {
    return statSync(pathIn(io, name));
  } catch (cause) {
    throw cannotRead(name, cause);
  }
}

/** A file that the user named; a link is followed, and standard input is called as the other side. */
function given(io: Io, name: string, other: string): Side | undefined {
  if (name === "/dev/null") return undefined;
  const read = () => readBytes(io, name);
  const isBare = name === "-" && other === "/dev/null";
  const called = isBare ? "-" : nameFromTop(pathIn(io, name === "-" ? other : name), io.cwd);
  if (name === "-") return { name: called, mode: undefined, read };
  const status = statOf(io, name);
  return { name: called, mode: status.isFile() ? modeOf(status.mode) : undefined, read };
}

function modeOf(mode: number): Mode {
  return (mode & 0o100) === 0 ? "100644" : "100755";
}

async function* pairsOfFolders(io: Io, a: string, b: string): AsyncGenerator<Pair> {
  const left = await filesOf(io, a);
  const right = await filesOf(io, b);
  const names = [...new Set([...left.keys(), ...right.keys()])].sort(byBytes);
  for (const name of names) yield { old: left.get(name), new: right.get(name) };
}

/** As git sorts paths, whatever the locale. */
function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** Every file below a folder by its path in it, /. What is neither file nor link is left out, said. */
async function filesOf(io: Io, root: string): Promise<Map<string, Side>> {
  const files = new Map<string, Side>();
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    await breathe(io.signal);
    for (const entry of entriesOf(io, join(root, folder))) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const path = join(root, name);
      if (entry.isDirectory()) {
        if (entry.name !== ".git") folders.push(name);
      } else if (entry.isSymbolicLink()) files.set(name, link(io, path, name));
      else if (entry.isFile()) files.set(name, file(io, path, name));
      else await notice(io, `${path} is left out: it is not a regular file`);
    }
  }
  return files;
}

function entriesOf(io: Io, folder: string): Dirent[] {
  try {
    return readdirSync(pathIn(io, folder), { withFileTypes: true });
  } catch (cause) {
    throw cannotRead(folder, cause);
  }
}

function file(io: Io, path: string, name: string): Side {
  return {
    name,
    get mode() {
      return modeOf(statOf(io, path).mode);
    },
    read: () => readBytes(io, path),
  };
}

function link(io: Io, path: string, name: string): Side {
  return { name, mode: "120000", read: async () => targetOf(io, path) };
}

function targetOf(io: Io, path: string): Uint8Array {
  try {
    return readlinkSync(pathIn(io, path), "buffer");
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

function cannotRead(name: string, cause: unknown): CromwellError {
  return new CromwellError("input", `cannot read ${name}: ${systemReason(cause)}`, { cause });
}
