// Where indexes are kept between calls: a folder of the user's own, one file a project, bounded in
// all. Nothing in it is needed: what is missing, damaged or another's is built anew, and a folder
// that cannot be written is done without.

import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { systemCode } from "../errors.ts";
import type { WalkStore } from "../project/known-walk.ts";
import { openBeside } from "../project/replace-file.ts";
import { decodeIndex, encodeIndex, type IndexSource } from "./index-file.ts";
import type { IndexTable } from "./index-table.ts";

/** Bytes that one index may take, and all of them together. */
const indexBytesMax = 256e6;
const folderBytesMax = 1e9;

const indexName = /^.+-[0-9a-f]{16}\.(index|walk)$/s;
const temporaryName = /^\..+-[0-9a-f]{16}\.(index|walk)\.[0-9a-f]{12}\.tmp$/s;

/** A temporary file of this age belongs to a process that was killed. */
const abandonedMs = 3_600_000;

export class IndexFolder {
  readonly #folder: string;
  readonly #bytesMax: number;

  /** @param bytesMax what all of them may take together */
  constructor(folder: string, bytesMax = folderBytesMax) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
  }

  /** Where the index of the project at `root`, a real path, is kept. */
  pathOf(root: string): string {
    return this.#pathOf(root, "index");
  }

  #pathOf(root: string, kind: "index" | "walk"): string {
    const hash = Bun.hash(root).toString(16).padStart(16, "0");
    return join(this.#folder, `${basename(root).slice(0, 48) || "root"}-${hash}.${kind}`);
  }

  /** Where the record of a walk through the project is kept beside its index. */
  walkStore(root: string): WalkStore {
    const path = this.#pathOf(root, "walk");
    return {
      read: () => orNothing(() => readFrom(path, wholeOf)),
      keep: (record) => void this.#keep(path, record),
    };
  }

  /**
   * The stored index, with the postings of all words or of those whose hashes are given; undefined
   * where there is none that can be trusted.
   */
  load(root: string, words?: Iterable<number>): IndexTable | undefined {
    return orNothing(() =>
      readFrom(this.pathOf(root), (source) => decodeIndex(root, source, words)),
    );
  }

  /** Keeps an index; false where that is not possible. The file appears whole or not at all. */
  save(root: string, table: IndexTable): boolean {
    return this.#keep(this.pathOf(root), encodeIndex(root, table));
  }

  #keep(path: string, bytes: Uint8Array): boolean {
    if (bytes.length > indexBytesMax) return false;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#makeRoom(path, bytes.length);
      writeWhole(path, bytes);
      return true;
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return false;
    }
  }

  /** Notes that an index was used: the one that was not for longest goes first. */
  touch(root: string): void {
    const now = new Date();
    try {
      utimesSync(this.pathOf(root), now, now);
    } catch {
      // It is gone, or not ours: then it is not kept either.
    }
  }

  /** Removes what was abandoned, then the indexes used longest ago, until `bytes` more fit. */
  #makeRoom(path: string, bytes: number): void {
    for (const file of this.#files(temporaryName)) {
      if (file.usedMs < Date.now() - abandonedMs) rmSync(file.path, { force: true });
    }
    const others = this.#files(indexName).filter((file) => file.path !== path);
    others.sort((a, b) => a.usedMs - b.usedMs);
    let total = others.reduce((sum, file) => sum + file.bytes, bytes);
    for (const file of others) {
      if (total <= this.#bytesMax) return;
      rmSync(file.path, { force: true });
      total -= file.bytes;
    }
  }

  #files(pattern: RegExp): { path: string; bytes: number; usedMs: number }[] {
    const names = readdirSync(this.#folder).filter((name) => pattern.test(name));
    return names.flatMap((name) => {
      const path = join(this.#folder, name);
      const status = statSync(path, { throwIfNoEntry: false });
      return status?.isFile() ? [{ path, bytes: status.size, usedMs: status.mtimeMs }] : [];
    });
  }
}

/** What `use` makes of a regular file of bounded size; undefined for any other. */
function readFrom<T>(path: string, use: (source: IndexSource) => T): T | undefined {
  // A pipe of this name must not be waited for.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(file);
    if (!status.isFile() || status.size > indexBytesMax) return undefined;
    const read = (from: number, bytes: Uint8Array) => readSync(file, bytes, 0, bytes.length, from);
    return use({ size: status.size, read });
  } finally {
    closeSync(file);
  }
}

function wholeOf({ size, read }: IndexSource): Uint8Array | undefined {
  const bytes = new Uint8Array(size);
  return read(0, bytes) === size ? bytes : undefined;
}

/** Undefined where the system refuses what is asked of it. */
function orNothing<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** Written beside its place, then renamed. Not synced: what a crash damages is built anew. */
function writeWhole(path: string, bytes: Uint8Array): void {
  // With a mode to keep, the new file is the user's alone.
  const temporary = openBeside(path, 0o600);
  try {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(temporary.file, bytes, at);
    } finally {
      closeSync(temporary.file);
    }
    renameSync(temporary.path, path);
  } catch (error) {
    rmSync(temporary.path, { force: true });
    throw error;
  }
}
