// The undo journal: a folder with one file for each write, which holds what was there before. An entry
// is pending while its files are replaced; who finds a pending one later looks at the disk to see how
// far it came. The folder is its owner's alone, and bounded: the oldest entries make room.

import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { CromwellError, systemCode } from "../errors.ts";
import { type FileOperations, writeWhole } from "./file-operations.ts";
import { fileBytesMax, readState } from "./file-state.ts";
import {
  damaged,
  decodeEntry,
  decodeHeader,
  encodeEntry,
  type JournalEntry,
  type JournalFile,
  type JournalHeader,
} from "./journal-entry.ts";
import { type Lock, lock } from "./journal-lock.ts";
import { randomSuffix, resolveTarget } from "./replace-file.ts";
import { removeEmpty, removeWaiting } from "./replace-steps.ts";

/** What the entries may be and take together. */
export const entriesMax = 1000;
export const journalBytesMax = fileBytesMax;

/** "done"; "pending" while files are replaced; "cut": the process ended between two of them. */
export type EntryState = "done" | "pending" | "cut";

/** An entry is called by when it was written, in microseconds, and at random. */
const entryName = /^(\d{16})-([0-9a-f]{12})\.(done|pending|cut)$/;

export interface EntryPlace {
  readonly path: string;
  /** The name without its state. */
  readonly name: string;
  readonly id: string;
  readonly state: EntryState;
}

/** The entries in a folder, newest first; none where there is no folder. */
export function entryPlaces(folder: string): EntryPlace[] {
  const found = namesIn(folder).flatMap((file) => {
    const [, time, id, state] = entryName.exec(file) ?? [];
    if (time === undefined) return [];
    return [
      { path: join(folder, file), name: `${time}-${id}`, id: id!, state: state as EntryState },
    ];
  });
  return found.sort((a, b) => (a.name < b.name ? 1 : -1));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

/** How many entries a journal has, and the bytes that they take. */
export function journalSize(folder: string): { entries: number; bytes: number } {
  const places = entryPlaces(folder);
  return { entries: places.length, bytes: places.reduce((sum, place) => sum + sizeOf(place), 0) };
}

function sizeOf({ path }: EntryPlace): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What an entry says of itself, without the bytes. Throws CromwellError "input" for a damaged one. */
export function readHeader(path: string): JournalHeader {
  const file = openSync(path, "r");
  try {
    const parts: Buffer[] = [];
    for (;;) {
      const part = Buffer.alloc(64 * 1024);
      const length = readSync(file, part, 0, part.length, null);
      const end = part.subarray(0, length).indexOf(0x0a);
      parts.push(part.subarray(0, end < 0 ? length : end));
      if (end >= 0 || length === 0) break;
    }
    const header = decodeHeader(Buffer.concat(parts));
    if (header === undefined) throw damaged(path);
    return header;
  } finally {
    closeSync(file);
  }
}

export class Journal {
  readonly folder: string;
  readonly #lock: Lock;
  readonly #operations: FileOperations;

  private constructor(folder: string, lock: Lock, operations: FileOperations) {
    this.folder = folder;
    this.#lock = lock;
    this.#operations = operations;
  }

  /**
   * The journal in `folder`, which is made, for this process alone until `close`. What a process that
   * was killed left pending is settled; `onCut` receives what it wrote in part. Throws what the file system throws, CromwellError
   * "input" for a folder of another user, "interrupted" on the signal.
   */
  static async open(
    folder: string,
    operations: FileOperations,
    signal: AbortSignal | undefined,
    onCut: (header: JournalHeader) => void = () => {},
  ): Promise<Journal> {
    makePrivate(folder);
    const journal = new Journal(folder, await lock(join(folder, "lock"), signal), operations);
    try {
      for (const name of namesIn(folder)) {
        if (name.endsWith(".tmp")) rmSync(join(folder, name), { force: true });
      }
      for (const place of entryPlaces(folder)) {
        const cut = place.state === "pending" ? journal.settle(place) : undefined;
        if (cut !== undefined) onCut(cut);
      }
    } catch (error) {
      journal.close();
      throw error;
    }
    return journal;
  }

  close(): void {
    this.#lock.release();
  }

  entries(): EntryPlace[] {
    return entryPlaces(this.folder);
  }

  read(place: EntryPlace): JournalEntry {
    return decodeEntry(place.path, readFileSync(place.path));
  }

  /** Adds a pending entry, durably; the oldest ones make room. */
  add(entry: JournalEntry): EntryPlace {
    const parts = encodeEntry(entry);
    this.#makeRoom(parts.reduce((sum, part) => sum + part.length, 0));
    const newest = Number(this.entries()[0]?.name.slice(0, 16) ?? 0);
    const now = Math.floor((performance.timeOrigin + performance.now()) * 1000);
    const time = String(Math.max(now, newest + 1)).padStart(16, "0");
    return this.#store(`${time}-${randomSuffix()}`, "pending", parts);
  }

  /** Puts another entry in the place of one. */
  replace(place: EntryPlace, entry: JournalEntry): void {
    this.#store(place.name, place.state, encodeEntry(entry));
  }

  /** Takes the file at `index` out of an entry, into one of its own that comes before it. */
  split(place: EntryPlace, entry: JournalEntry, index: number): EntryPlace {
    const only = (keep: (at: number) => boolean) => ({
      ...entry,
      files: entry.files.filter((_, at) => keep(at)),
      bytes: entry.bytes.filter((_, at) => keep(at)),
    });
    const name = `${place.name.slice(0, 16)}-${randomSuffix()}`;
    const own = this.#store(name, place.state, encodeEntry(only((at) => at === index)));
    this.replace(
      place,
      only((at) => at !== index),
    );
    return own;
  }

  mark(place: EntryPlace, state: EntryState): EntryPlace {
    const path = join(this.folder, `${place.name}.${state}`);
    if (path !== place.path) this.#operations.rename(place.path, path);
    return { ...place, path, state };
  }

  /** Ends an entry that is taken back, after what it made: its folders, where they are empty. */
  remove(place: EntryPlace, folders: readonly string[]): void {
    for (const folder of folders.toSorted((a, b) => b.length - a.length)) {
      removeEmpty(this.#operations, folder, (path) => path === folder);
    }
    this.#operations.remove(place.path);
  }

  /**
   * Ends a pending entry by what is on the disk: where no file is as the write made it, there is nothing
   * to take back. What was waiting beside the files is removed. Returns what was written in part.
   */
  settle(place: EntryPlace): JournalHeader | undefined {
    let header: JournalHeader;
    try {
      header = readHeader(place.path);
    } catch (error) {
      // Only `undo` must stop at a damaged entry, no write.
      if (!(error instanceof CromwellError)) throw error;
      this.mark(place, "cut");
      return undefined;
    }
    const { files, folders } = header;
    removeWaiting(
      this.#operations,
      files.map(({ path }) => path),
      place.id,
    );
    const progress = files.map(progressOf);
    if (!progress.includes("after")) {
      this.remove(place, folders);
      return undefined;
    }
    const isCut = progress.includes("before");
    this.mark(place, isCut ? "cut" : "done");
    return isCut ? header : undefined;
  }

  #store(name: string, state: EntryState, parts: readonly Uint8Array[]): EntryPlace {
    const path = join(this.folder, `${name}.${state}`);
    const temporary = join(this.folder, `${name}.${randomSuffix()}.tmp`);
    try {
      writeWhole(this.#operations, temporary, parts, 0o600);
      this.#operations.rename(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    this.#operations.syncFolder(this.folder);
    return { path, name, id: name.slice(17), state };
  }

  #makeRoom(bytes: number): void {
    if (bytes > journalBytesMax) {
      throw new CromwellError("input", "it is larger than the journal may be");
    }
    const oldestFirst = this.entries().toReversed();
    let total = bytes + oldestFirst.reduce((sum, place) => sum + sizeOf(place), 0);
    let count = oldestFirst.length + 1;
    for (const place of oldestFirst) {
      if (total <= journalBytesMax && count <= entriesMax) return;
      total -= sizeOf(place);
      count--;
      rmSync(place.path, { force: true });
    }
  }
}

/** Where a file stands: as before the write, as after it, or neither. */
export type Progress = "before" | "after" | "changed";

export function progressOf({ path, before, after }: JournalFile): Progress {
  const now = stateAt(path);
  // A mode tells only where the write changed nothing else: it may be the user's own since.
  const byMode = before?.hash === after?.hash;
  const is = (state: { hash: string; mode: number } | null) =>
    now !== undefined && now?.hash === state?.hash && (!byMode || now?.mode === state?.mode);
  return is(after) ? "after" : is(before) ? "before" : "changed";
}

/** undefined for what is no file that could have been written. */
function stateAt(path: string) {
  try {
    return resolveTarget(path) === path ? readState(path, path) : undefined;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    if (error instanceof CromwellError || systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** The folder, made where it is missing, for its owner's eyes only: it holds copies of files. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (uid !== (process.geteuid?.() ?? uid)) {
    throw new CromwellError("input", `${folder} belongs to another user`);
  }
  if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
