// One write as the journal keeps it: a line of JSON that says which files became what, and after it
// the bytes that they had before. One file an entry, so that nothing is shared that could break.

import { CromwellError } from "../errors.ts";
import { type FileState, hashOf } from "./file-state.ts";

export interface JournalFile {
  /** Absolute, no link. */
  readonly path: string;
  /** null: there was no file. */
  readonly before: { readonly hash: string; readonly mode: number; readonly length: number } | null;
  /** null: the file was removed. */
  readonly after: { readonly hash: string; readonly mode: number } | null;
}

export interface JournalHeader {
  readonly version: 1;
  /** What wrote: "edit", "apply fix.patch". */
  readonly label: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Where the user was. */
  readonly folder: string;
  readonly files: readonly JournalFile[];
  /** Folders that were made for the files. */
  readonly folders: readonly string[];
}

export interface JournalEntry extends JournalHeader {
  /** The bytes of each file before, in order; null where there was none. */
  readonly bytes: readonly (Uint8Array | null)[];
}

export function describeBefore(state: FileState | null): JournalFile["before"] {
  if (state === null) return null;
  return { hash: state.hash, mode: state.mode, length: state.bytes.length };
}

/** The entry as the parts of a file. */
export function encodeEntry({ bytes, ...header }: JournalEntry): Uint8Array[] {
  const present = bytes.filter((part) => part !== null);
  return [Buffer.from(`${JSON.stringify(header)}\n`, "utf8"), ...present];
}

/** Throws CromwellError "input", naming the file at `path`, where it is not a whole entry. */
export function decodeEntry(path: string, contents: Uint8Array): JournalEntry {
  const end = contents.indexOf(0x0a);
  const header = end < 0 ? undefined : decodeHeader(contents.subarray(0, end));
  if (header === undefined) throw damaged(path);
  let at = end + 1;
  const bytes = header.files.map(({ before }) => {
    if (before === null) return null;
    const part = contents.subarray(at, at + before.length);
    at += before.length;
    if (hashOf(part) !== before.hash) throw damaged(path);
    return part;
  });
  if (at !== contents.length) throw damaged(path);
  return { ...header, bytes };
}

/** The header of an entry, undefined where `line` is none. */
export function decodeHeader(line: Uint8Array): JournalHeader | undefined {
  let header: Partial<JournalHeader> | null;
  try {
    header = JSON.parse(Buffer.from(line).toString("utf8"));
  } catch {
    return undefined;
  }
  const { version, label, time, folder, files, folders } = header ?? {};
  if (version !== 1 || typeof label !== "string" || typeof time !== "number") return undefined;
  if (typeof folder !== "string" || !Array.isArray(files) || !Array.isArray(folders)) {
    return undefined;
  }
  if (!folders.every((name) => typeof name === "string") || !files.every(isJournalFile)) {
    return undefined;
  }
  return { version, label, time, folder, files, folders };
}

function isJournalFile(file: Partial<JournalFile> | null): boolean {
  const { path, before, after } = file ?? {};
  const isState = (state: { hash?: unknown; mode?: unknown } | null | undefined) =>
    state === null || (typeof state?.hash === "string" && typeof state.mode === "number");
  const isLong = before === null || (Number.isSafeInteger(before?.length) && before!.length >= 0);
  return typeof path === "string" && isState(before) && isState(after) && isLong;
}

export function damaged(path: string): CromwellError {
  return new CromwellError("input", `${path}, an entry of the undo journal, is damaged`, {
    hint: "remove it to go on without it",
  });
}
