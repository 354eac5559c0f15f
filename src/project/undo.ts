// Takes a write back: the files get the bytes and modes that the journal kept of them, all or none,
// and only where they are still what the write made of them.

import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { CromwellError, systemCode, systemReason } from "../errors.ts";
import { disk, type FileOperations } from "./file-operations.ts";
import { readState } from "./file-state.ts";
import { type EntryPlace, entryPlaces, Journal, progressOf, readHeader } from "./journal.ts";
import type { JournalEntry, JournalHeader } from "./journal-entry.ts";
import { existingFolder, modeOf } from "./replace-file.ts";
import { replaceAll, type Step } from "./replace-steps.ts";

export interface UndoOptions {
  /** The last write of this file; default: the last write of any. */
  readonly file?: string | undefined;
  /** Only what was written below this folder, or from it. */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives which entries of the journal cannot be read and are passed over. */
  readonly onNotice?: ((line: string) => void) | undefined;
}

export interface UndoneFile {
  readonly path: string;
  /** "unchanged": it was already as before the write. */
  readonly action: "restored" | "removed" | "unchanged";
}

export interface UndoResult {
  readonly label: string;
  /** When it was written, in milliseconds since 1970. */
  readonly time: number;
  readonly files: readonly UndoneFile[];
}

export interface RecordedWrite {
  readonly label: string;
  readonly time: number;
  /** Whether the process ended between two of the files. */
  readonly cut: boolean;
  readonly files: readonly {
    readonly path: string;
    readonly change: "create" | "change" | "remove";
  }[];
}

/** The writes that `undo` would take back, the next one first. */
export function listWrites(journal: string, options: UndoOptions = {}): RecordedWrite[] {
  const isMeant = choose(options);
  return entryPlaces(journal).flatMap((place) => {
    const header = readableHeader(place, options);
    if (header === undefined || !isMeant(header)) return [];
    // One whose process was killed before it wrote anything is nothing to undo.
    const isBegun = header.files.some((file) => progressOf(file) === "after");
    if (place.state === "pending" && !isBegun) return [];
    const files = header.files.map(
      ({ path, before, after }) =>
        ({
          path,
          change: before === null ? "create" : after === null ? "remove" : "change",
        }) as const,
    );
    return [{ label: header.label, time: header.time, cut: place.state !== "done", files }];
  });
}

/** undefined where another process took the entry back meanwhile, or it is damaged, which is said. */
function readableHeader({ path }: EntryPlace, { onNotice }: UndoOptions) {
  try {
    return readHeader(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code !== "ENOENT") onNotice?.(`${path}, a damaged entry of the undo journal, is left out`);
    return undefined;
  }
}

/**
 * Takes the last write back that `options` mean; again, the one before it. Throws CromwellError "input"
 * where there is none, or a file was changed after the write: then nothing is touched.
 */
export async function undo(
  journal: string,
  options: UndoOptions = {},
  operations: FileOperations = disk,
): Promise<UndoResult> {
  const opened = await openJournal(journal, operations, options.signal);
  try {
    const found = find(opened, options);
    if (found === undefined) throw nothingToUndo(journal, options);
    refuseChanged(found.entry, options.file);
    return await takeBack(opened, found, operations, options.signal);
  } finally {
    opened.close();
  }
}

async function openJournal(folder: string, operations: FileOperations, signal?: AbortSignal) {
  try {
    return await Journal.open(folder, operations, signal);
  } catch (cause) {
    if (cause instanceof CromwellError) throw cause;
    throw new CromwellError("input", `cannot use the journal ${folder}: ${systemReason(cause)}`, {
      cause,
    });
  }
}

interface Found {
  readonly place: EntryPlace;
  readonly entry: JournalEntry;
}

/** The newest entry that is meant; where one file is named, an entry of that file alone. */
function find(journal: Journal, options: UndoOptions): Found | undefined {
  const isMeant = choose(options);
  const place = journal.entries().find((each) => {
    const header = readableHeader(each, options);
    return header !== undefined && isMeant(header);
  });
  if (place === undefined) return undefined;
  const entry = journal.read(place);
  if (options.file === undefined || entry.files.length === 1) return { place, entry };
  const path = resolveLoosely(options.file);
  const index = entry.files.findIndex((file) => file.path === path);
  refuseChanged({ ...entry, files: [entry.files[index]!] }, options.file);
  const own = journal.split(place, entry, index);
  return { place: own, entry: journal.read(own) };
}

function choose({ file, folder }: UndoOptions): (header: JournalHeader) => boolean {
  if (file !== undefined) {
    const path = resolveLoosely(file);
    return ({ files }) => files.some((written) => written.path === path);
  }
  if (folder === undefined) return () => true;
  const top = resolveLoosely(folder);
  const isHere = (path: string) => path === top || path.startsWith(top === sep ? sep : top + sep);
  return (header) => isHere(header.folder) || header.files.some(({ path }) => isHere(path));
}

/** The path without links, whatever of it is missing. */
function resolveLoosely(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
    const folder = existingFolder(dirname(whole));
    return join(realpathSync(folder), relative(folder, dirname(whole)), basename(whole));
  }
}

function nothingToUndo(journal: string, { file, folder }: UndoOptions): CromwellError {
  if (file !== undefined) return new CromwellError("input", `no write of ${file} is on record`);
  const last = folder === undefined ? undefined : listWrites(journal)[0];
  if (last === undefined) return new CromwellError("input", "no write is on record");
  return new CromwellError("input", `no write in ${folder} is on record`, {
    hint: `the last one elsewhere was of ${last.files[0]?.path}: name that to undo it`,
  });
}

function refuseChanged({ files }: JournalHeader, file: string | undefined): void {
  const changed = files.filter((each) => progressOf(each) === "changed").map(({ path }) => path);
  if (changed.length === 0) return;
  const names = changed.slice(0, 3).join(", ");
  const more = changed.length > 3 ? ` and ${changed.length - 3} more` : "";
  const others = file === undefined && changed.length < files.length;
  throw new CromwellError("input", `${names}${more} changed after the write: nothing was undone`, {
    hint: others ? "name another FILE to undo its part alone" : "undo by hand what you do not want",
  });
}

async function takeBack(
  journal: Journal,
  { place, entry }: Found,
  operations: FileOperations,
  signal: AbortSignal | undefined,
): Promise<UndoResult> {
  const progress = entry.files.map(progressOf);
  const steps = entry.files.flatMap((_, index) =>
    progress[index] === "after" ? [stepBack(entry, index)] : [],
  );
  const pending = journal.mark(place, "pending");
  try {
    await replaceAll(steps, { id: place.id, operations, isRemovable: () => false, signal });
    journal.remove(pending, entry.folders);
  } catch (error) {
    journal.settle(pending);
    throw error;
  }
  const files = entry.files.map(({ path, before }, index): UndoneFile => {
    if (progress[index] === "before") return { path, action: "unchanged" };
    return { path, action: before === null ? "removed" : "restored" };
  });
  return { label: entry.label, time: entry.time, files };
}

/** The file's own mode stays where it was changed since. */
function stepBack({ files, bytes }: JournalEntry, index: number): Step {
  const { path, before, after } = files[index]!;
  const now = readState(path, path);
  const isOurs = now === null || now.mode === after?.mode;
  const mode = isOurs ? before?.mode : modeOf(path, path);
  const was = bytes[index] ?? null;
  return { name: path, path, before: now, after: was && { bytes: was, mode } };
}
