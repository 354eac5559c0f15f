// All that a walk went by, as it was then: the files that it found, the names in the folders that it
// read, the ignore files. As columns, so that a project of 10,000 files is compared in milliseconds.

import { constants } from "node:fs";
import type { FileStatuses, Paths } from "../native/file-statuses.ts";
import { decodeColumns, encodeColumns } from "./column-bytes.ts";
import type { ProjectFile } from "./walk.ts";
import type { WalkLog } from "./walk-log.ts";

/** Its rows are paths: those of the files in their order, of the folders, of the rules. */
export interface WalkRecord {
  /** What decided outside of the project (ProjectTree.foundation). */
  readonly foundation: bigint;
  readonly paths: PathRows;
  /** Of each file why it is skipped: a place in `skipReasons`. */
  readonly skipped: Uint8Array;
  /** Of each folder the hash of its names. */
  readonly names: BigUint64Array;
  /** Of each path what it was (FileStatuses). */
  readonly stamps: BigUint64Array;
  readonly modes: Uint32Array;
  /** Folders and rules that changed too shortly before for their stamps to tell. */
  readonly unsettled: Uint32Array;
  /** Files that are not on the disk, or not as files. */
  readonly nowhere: Uint32Array;
}

export const skipReasons = [
  undefined,
  ...["binary", "generated", "huge", "link", "missing", "repository", "special"],
] as readonly ProjectFile["skipped"][];

/** What changed so shortly before a walk looked at it may have changed again at the same time. */
const clockStepMs = 2000;

/** Raised when a walk goes by other rules than it did. */
const line = "cromwell walk 1\n";

export class PathRows implements Paths {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;

  constructor({ bytes, starts }: Paths) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.starts = starts;
  }

  /** @param paths with a byte in each character */
  static of(paths: readonly string[]): PathRows {
    const bytes = Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
    const starts = new Uint32Array(paths.length);
    for (let row = 1; row < paths.length; row++) {
      starts[row] = starts[row - 1]! + paths[row - 1]!.length + 1;
    }
    return new PathRows({ bytes, starts });
  }

  /** With a byte in each character. */
  at(row: number): string {
    return this.bytes.toString("latin1", this.starts[row]!, this.#end(row) - 1);
  }

  /** Of the first `rows` paths, a NUL after each. */
  first(rows: number): Uint8Array {
    return this.bytes.subarray(0, rows === 0 ? 0 : this.#end(rows - 1));
  }

  #end(row: number): number {
    return this.starts[row + 1] ?? this.bytes.length;
  }
}

/** The paths that a walk went by, in the order of a record's rows. */
export function rowsOf(files: readonly ProjectFile[], log: WalkLog): PathRows {
  const folders = Array.from(log.folders.keys(), (folder) => folder.slice(0, -1) || ".");
  return PathRows.of([...files.map(({ pathBytes }) => pathBytes), ...folders, ...log.rules]);
}

/** What a walk found and how that looks right after; undefined where it changed meanwhile. */
export interface WalkFound {
  readonly foundation: bigint;
  readonly files: readonly ProjectFile[];
  readonly log: WalkLog;
  readonly paths: PathRows;
  readonly now: FileStatuses;
  /** When the walk began. */
  readonly startedMs: number;
}

export function recordOf(found: WalkFound): WalkRecord | undefined {
  const { foundation, files, log, paths, now, startedMs } = found;
  if (!log.isWhole || !files.every((file, row) => isAsFound(file, now, row))) return undefined;
  const unsettled: number[] = [];
  for (let row = files.length; row < paths.starts.length; row++) {
    if (now.ctimes[row]! > startedMs - clockStepMs) unsettled.push(row);
  }
  const nowhere = files.flatMap((file, row) => (isNowhere(file.skipped) ? [row] : []));
  return {
    foundation,
    paths,
    skipped: Uint8Array.from(files, ({ skipped }) => skipReasons.indexOf(skipped)),
    names: BigUint64Array.from(log.folders.values()),
    stamps: now.stamps,
    modes: now.modes,
    unsettled: Uint32Array.from(unsettled),
    nowhere: Uint32Array.from(nowhere),
  };
}

function isAsFound({ skipped, size, ctimeMs }: ProjectFile, now: FileStatuses, row: number) {
  const mode = now.modes[row]!;
  if (skipped === "missing") return mode === 0;
  if (skipped === "repository") return true;
  const isLink = (mode & constants.S_IFMT) === constants.S_IFLNK;
  const isKind = skipped === "special" || (skipped === "link" ? isLink : isRegular(mode));
  return isKind && now.sizes[row] === size && now.ctimes[row] === ctimeMs;
}

export function isNowhere(skipped: ProjectFile["skipped"]): boolean {
  return skipped === "missing" || skipped === "repository";
}

export function isRegular(mode: number): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFREG;
}

export function isFolder(mode: number): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFDIR;
}

export function encodeRecord(record: WalkRecord): Uint8Array {
  const { foundation, paths, skipped, names, stamps, modes, unsettled, nowhere } = record;
  const head = BigUint64Array.of(foundation);
  const { bytes, starts } = paths;
  return encodeColumns(line, [
    ...[head, bytes, starts, skipped, names, stamps, modes, unsettled, nowhere],
  ]);
}

/** Undefined for bytes that are not as they were written. */
export function decodeRecord(bytes: Uint8Array): WalkRecord | undefined {
  const kinds = [
    ...([BigUint64Array, Uint8Array, Uint32Array, Uint8Array, BigUint64Array] as const),
    ...([BigUint64Array, Uint32Array, Uint32Array, Uint32Array] as const),
  ] as const;
  const columns = decodeColumns(line, bytes, kinds);
  if (columns === undefined) return undefined;
  const [head, paths, starts, skipped, names, stamps, modes, unsettled, nowhere] = columns as [
    ...[BigUint64Array, Uint8Array, Uint32Array, Uint8Array, BigUint64Array],
    ...[BigUint64Array, Uint32Array, Uint32Array, Uint32Array],
  ];
  if (head.length !== 1) return undefined;
  const rows = new PathRows({ bytes: paths, starts });
  const rest = { skipped, names, stamps, modes, unsettled, nowhere };
  const record = { foundation: head[0]!, paths: rows, ...rest };
  return fits(record) ? record : undefined;
}

/** Whether the columns belong to the same rows, and the rows to the paths. */
function fits(record: WalkRecord): boolean {
  const { paths, skipped, names, stamps, modes, unsettled, nowhere } = record;
  const rows = paths.starts.length;
  const isOfRows = (row: number) => row < rows;
  return (
    modes.length === rows &&
    stamps.length === rows &&
    skipped.length + names.length <= rows &&
    skipped.every((reason) => reason < skipReasons.length) &&
    unsettled.every(isOfRows) &&
    nowhere.every((row) => row < skipped.length) &&
    areInside(paths)
  );
}

/** Whether each path begins after the NUL of the one before, and none leads out of the project. */
function areInside({ bytes, starts }: PathRows): boolean {
  if (starts.length === 0) return bytes.length === 0;
  const isStart = (start: number, row: number) => {
    const isNext = row === 0 ? start === 0 : start > starts[row - 1]! && bytes[start - 1] === 0;
    return isNext && start < bytes.length && bytes[start] !== slash;
  };
  return starts.every(isStart) && bytes.at(-1) === 0 && !bytes.includes("../");
}

const slash = 0x2f;
