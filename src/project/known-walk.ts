// Lists a project's files as walk.ts does, sooner where little happened since the last time: what that
// walk went by is kept, and one look at all of it tells whether a walk now would find the same.

import { breathe } from "../breathe.ts";
import { CromwellError } from "../errors.ts";
import { type FileStatuses, fileStatuses } from "../native/file-statuses.ts";
import { readableName } from "./file-name.ts";
import { ProjectTree } from "./project-tree.ts";
import { skippedByName } from "./skipped.ts";
import type { ProjectFile, WalkOptions } from "./walk.ts";
import { WalkLog } from "./walk-log.ts";
import {
  decodeRecord,
  encodeRecord,
  isFolder,
  isNowhere,
  isRegular,
  type PathRows,
  recordOf,
  rowsOf,
  skipReasons,
  type WalkRecord,
} from "./walk-record.ts";

/** Where the record of a walk is kept between calls. */
export interface WalkStore {
  read(): Uint8Array | undefined;
  keep(record: Uint8Array): void;
}

/** The files of a project in the order of a walk. */
export interface FileList {
  readonly files: readonly ProjectFile[];
  /** The same as columns, where no walk was needed. */
  readonly columns?: FileColumns | undefined;
}

export interface FileColumns {
  /** Each path's bytes, then a NUL. */
  readonly paths: Uint8Array;
  readonly sizes: Float64Array;
  readonly mtimes: Float64Array;
  readonly ctimes: Float64Array;
}

/** Folders that are read again: where more changed, a walk takes hardly longer. */
const foldersMax = 64;

/** Throws as `walk` does. */
export async function listKnownFiles(
  root: string,
  store: WalkStore,
  options: WalkOptions = {},
): Promise<FileList> {
  const bytes = store.read();
  const record = bytes && decodeRecord(bytes);
  const startedMs = Date.now();
  const log = new WalkLog();
  // One for both: what lies outside of the project is read once, and what is to be said of it said once.
  const tree = new ProjectTree(root, options, log);
  const known = record && (await lookAgain(tree, record, options));
  return known ?? (await walkAnew(tree, log, startedMs, store, options));
}

async function walkAnew(
  tree: ProjectTree,
  log: WalkLog,
  startedMs: number,
  store: WalkStore,
  options: WalkOptions,
): Promise<FileList> {
  const files: ProjectFile[] = [];
  for (const file of tree.steps()) {
    const pause = breathe(options.signal);
    if (pause !== undefined) await pause;
    if (file !== undefined) files.push(file);
  }
  const { foundation } = tree;
  if (foundation !== undefined && log.isWhole) {
    const paths = rowsOf(files, log);
    const now = await statusesOf(tree, paths, options);
    const record = now && recordOf({ foundation, files, log, paths, now, startedMs });
    if (record !== undefined) store.keep(encodeRecord(record));
  }
  return { files };
}

/** What a walk would find now; undefined where only a walk can tell. */
async function lookAgain(
  tree: ProjectTree,
  record: WalkRecord,
  options: WalkOptions,
): Promise<FileList | undefined> {
  if (tree.foundation !== record.foundation) return undefined;
  const now = await statusesOf(tree, record.paths, options);
  if (now === undefined) return undefined;
  const changed = changedRows(record, now);
  let folders = 0;
  for (const row of changed) {
    const isFile = row < record.skipped.length;
    if (!isFile && ++folders > foldersMax) return undefined;
    const isHarmless = isFile
      ? isStillFile(record, now, row)
      : hasSameNames(record, now, tree, row);
    if (!isHarmless) return undefined;
  }
  return new KnownList(record, now, changed);
}

/** Undefined where the folder cannot be looked into, or the kernels not be loaded. */
async function statusesOf(
  tree: ProjectTree,
  paths: PathRows,
  { signal }: WalkOptions,
): Promise<FileStatuses | undefined> {
  try {
    return await fileStatuses(tree.top, paths, signal);
  } catch (error) {
    if (error instanceof CromwellError && error.code !== "interrupted") return undefined;
    throw error;
  }
}

/** Rows that are not as they were, or were too new for that to be known. */
function changedRows({ stamps, unsettled }: WalkRecord, now: FileStatuses): number[] {
  const rows = new Set(unsettled);
  const [before, after] = [wordsOf(stamps), wordsOf(now.stamps)];
  if (Buffer.compare(bytesOf(before), bytesOf(after)) !== 0) {
    for (let at = 0; at < before.length; at++) if (before[at] !== after[at]) rows.add(at >> 1);
  }
  return [...rows];
}

/** A file that has another size, time or mode and is one still. */
function isStillFile({ modes, skipped }: WalkRecord, now: FileStatuses, row: number): boolean {
  if (isNowhere(skipReasons[skipped[row]!])) return false;
  return isRegular(modes[row]!) && isRegular(now.modes[row]!);
}

/** A folder with the names that it had; never so of the rows of rules. */
function hasSameNames(record: WalkRecord, now: FileStatuses, tree: ProjectTree, row: number) {
  const names = record.names[row - record.skipped.length];
  if (names === undefined || !isFolder(now.modes[row]!)) return false;
  const path = record.paths.at(row);
  return tree.readNames(path === "." ? "" : `${path}/`) === names;
}

/** The files of a record as they are now. */
class KnownList implements FileList {
  readonly columns: FileColumns;
  readonly #record: WalkRecord;
  readonly #skipped: Uint8Array;
  #files: ProjectFile[] | undefined;

  constructor(record: WalkRecord, now: FileStatuses, changed: readonly number[]) {
    const { paths, nowhere } = record;
    this.#record = record;
    this.#skipped = record.skipped.slice();
    const count = record.skipped.length;
    const [sizes, mtimes, ctimes] = [now.sizes, now.mtimes, now.ctimes];
    for (const row of nowhere) sizes[row] = mtimes[row] = ctimes[row] = 0;
    for (const row of changed) {
      if (row < count) {
        const skipped = skippedByName(paths.at(row), sizes[row]!);
        this.#skipped[row] = skipReasons.indexOf(skipped);
      }
    }
    this.columns = {
      paths: paths.first(count),
      sizes: sizes.subarray(0, count),
      mtimes: mtimes.subarray(0, count),
      ctimes: ctimes.subarray(0, count),
    };
  }

  get files(): readonly ProjectFile[] {
    this.#files ??= Array.from(this.#skipped, (reason, row) => this.#file(row, reason));
    return this.#files;
  }

  #file(row: number, reason: number): ProjectFile {
    const { sizes, mtimes, ctimes } = this.columns;
    const pathBytes = this.#record.paths.at(row);
    const skipped = skipReasons[reason];
    return {
      path: readableName(pathBytes),
      pathBytes,
      size: sizes[row]!,
      mtimeMs: mtimes[row]!,
      ctimeMs: ctimes[row]!,
      ...(skipped && { skipped }),
    };
  }
}

function wordsOf({ buffer, byteOffset, length }: BigUint64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, 2 * length);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
