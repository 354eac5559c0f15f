// Brings a project's index up to date: files that are as they were keep their part, changed and new
// ones are read, vanished ones go. Whether a file changed, its size and time tell, then its contents.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { breathe } from "../breathe.ts";
import { systemCode } from "../errors.ts";
import type { FileList } from "../project/known-walk.ts";
import { headBytes, skippedByContents } from "../project/skipped.ts";
import type { ProjectFile } from "../project/walk.ts";
import { languageOf } from "../syntax/languages.ts";
import { recordOf } from "./file-record.ts";
import { type IndexTable, skipReasons, TableBuilder } from "./index-table.ts";
import { unitsMax } from "./postings.ts";
import { isSecretFile } from "./secrets.ts";

/** More files, or more different words of units, are not indexed; which is said. */
const filesMax = 100_000;
const wordsMax = 32_000_000;

/** Larger files are data or made by programs; so are smaller ones of languages that hold data. */
const sourceBytesMax = 512 * 1024;
const dataBytesMax = 32 * 1024;

/** An index is full when the units of one more such file might not find numbers. */
const fullUnits = unitsMax - 2 * sourceBytesMax;
const dataLanguages = new Set(["json", "yaml", "toml", "xml", "ini", "html", "css", "sql"]);

/** A file that changed so shortly before it was read may have changed again at the same time. */
const clockStepMs = 2000;

type Skipped = (typeof skipReasons)[number];
export type SkipReason = Skipped | "beyond the index";

export interface SkippedFile {
  readonly path: string;
  readonly reason: SkipReason;
}

export interface UpdatedIndex {
  readonly table: IndexTable;
  /** Files that were read for it. */
  readonly read: number;
  /** Whether it is another than the one that was given. */
  readonly changed: boolean;
  readonly skipped: readonly SkippedFile[];
}

export interface UpdateOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once, as soon as it is clear that many files have to be read. */
  readonly onMany?: ((files: number) => void) | undefined;
}

/** So many files take long enough that a person wants to know. */
const many = 1000;

/**
 * Files that may be read anew at each call before the stored index is made anew: a millisecond for two
 * or three, where building and storing one of 10,000 files takes a second.
 */
const few = 50;

/** Throws CromwellError "interrupted". */
export async function updateIndex(
  root: string,
  old: IndexTable,
  files: readonly ProjectFile[],
  options: UpdateOptions = {},
): Promise<UpdatedIndex> {
  const request = new Request(old, files);
  const { toRead } = request.plan;
  if (toRead > many) options.onMany?.(toRead);
  return update(root, request, options.signal);
}

/**
 * The same where few files changed, else undefined. Needs no postings but those of a query's words: the
 * result is then good for that query, and not to be stored.
 */
export async function updateForQuery(
  root: string,
  old: IndexTable,
  list: FileList,
  signal?: AbortSignal,
): Promise<UpdatedIndex | undefined> {
  if (isAsIndexed(list, old)) {
    return { table: old, read: 0, changed: false, skipped: skippedIn(old, []) };
  }
  const { files } = list;
  const request = new Request(old, files);
  return request.plan.toRead > few ? undefined : update(root, request, signal);
}

/** Whether an index holds just these files as they are; without columns that is not known. */
function isAsIndexed({ columns }: FileList, old: IndexTable): boolean {
  if (columns === undefined || Buffer.compare(columns.paths, old.pathBytes) !== 0) return false;
  const { size, changedMs, statusMs } = old.columns;
  if (!areSame(columns.sizes, size) || !areSame(columns.mtimes, changedMs)) return false;
  if (!areSame(columns.ctimes, statusMs)) return false;
  for (let file = 0; file < size.length; file++) if (!isSettled(old, file)) return false;
  return true;
}

function areSame(a: Float64Array, b: Float64Array): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Whether a file was read long enough after its last change for a further one to show. */
function isSettled({ columns }: IndexTable, file: number): boolean {
  const { changedMs, statusMs, readMs } = columns;
  return readMs[file]! - Math.max(changedMs[file]!, statusMs[file]!) >= clockStepMs;
}

/** What an index is to hold, beside what an older one does. */
class Request {
  readonly old: IndexTable;
  readonly wanted: readonly ProjectFile[];
  readonly beyond: readonly string[];
  readonly plan: Plan;

  constructor(old: IndexTable, files: readonly ProjectFile[]) {
    this.old = old;
    this.wanted = files.length > filesMax ? files.slice(0, filesMax) : files;
    this.beyond = files.slice(filesMax).map(({ path }) => path);
    this.plan = new Plan(old, this.wanted);
  }
}

async function update(
  root: string,
  { old, wanted, beyond, plan }: Request,
  signal: AbortSignal | undefined,
): Promise<UpdatedIndex> {
  if (plan.isCurrent) {
    return { table: old, read: 0, changed: false, skipped: skippedIn(old, beyond) };
  }
  const build = new Build(root, old);
  const left = [...beyond];
  for (const [at, file] of wanted.entries()) {
    const pause = breathe(signal);
    if (pause !== undefined) await pause;
    if (build.words > wordsMax || build.units > fullUnits) left.push(file.path);
    else build.take(file, plan.places[at]!, plan.isKept[at] === 1);
  }
  const table = build.finish();
  return { table, read: build.read, changed: true, skipped: skippedIn(table, left) };
}

/** Files without units; the index has them too, so that nobody looks at them again. */
function skippedIn(table: IndexTable, beyond: readonly string[]): SkippedFile[] {
  const { skipped } = table.columns;
  const found: SkippedFile[] = [];
  for (let file = 0; file < skipped.length; file++) {
    const reason = skipReasons[skipped[file]! - 1];
    if (reason !== undefined) found.push({ path: table.paths[file]!, reason });
  }
  for (const path of beyond) found.push({ path, reason: "beyond the index" });
  return found;
}

/** What a file's name and size tell against reading it. */
function reasonToSkip({ path, size, skipped }: ProjectFile): Skipped | undefined {
  if (skipped !== undefined) return skipped;
  if (isSecretFile(path)) return "secret";
  const language = languageOf(path)?.id;
  const isData = language === undefined || dataLanguages.has(language);
  return size > (isData ? dataBytesMax : sourceBytesMax) ? "huge" : undefined;
}

/** Which files have a place in the old index, and which of those are as they were. */
class Plan {
  /** Number in the old index, -1 for a new file. */
  readonly places: Int32Array;
  readonly isKept: Uint8Array;
  readonly toRead: number;
  /** The old index holds just these files, in this order. */
  readonly isCurrent: boolean;

  constructor(old: IndexTable, files: readonly ProjectFile[]) {
    const { size, changedMs, statusMs } = old.columns;
    let known: Map<string, number> | undefined;
    this.places = new Int32Array(files.length);
    this.isKept = new Uint8Array(files.length);
    let kept = 0;
    let inOrder = files.length === old.paths.length;
    for (let at = 0; at < files.length; at++) {
      const file = files[at]!;
      let place = at;
      if (old.paths[at] !== file.path) {
        known ??= new Map(old.paths.map((path, index) => [path, index]));
        place = known.get(file.path) ?? -1;
      }
      this.places[at] = place;
      if (place !== at) inOrder = false;
      if (place < 0 || size[place] !== file.size || changedMs[place] !== file.mtimeMs) continue;
      if (statusMs[place] !== file.ctimeMs || !isSettled(old, place)) continue;
      this.isKept[at] = 1;
      kept++;
    }
    this.toRead = files.length - kept;
    this.isCurrent = inOrder && this.toRead === 0;
  }
}

/** Of a file that is known by its name alone: no time is too recent for that. */
const unread = { readMs: Number.MAX_VALUE, hash: 0n, units: [] } as const;

/** Builds the new index; runs of files that were kept are copied at once. */
class Build {
  read = 0;
  readonly #root: string;
  readonly #old: IndexTable;
  readonly #builder: TableBuilder;
  #runStart = 0;
  #runEnd = 0;

  constructor(root: string, old: IndexTable) {
    this.#root = root;
    this.#old = old;
    this.#builder = new TableBuilder(old);
  }

  get words(): number {
    return this.#builder.words;
  }

  /** Of the files taken so far. */
  get units(): number {
    const { firstUnit } = this.#old.columns;
    return this.#builder.units + firstUnit[this.#runEnd]! - firstUnit[this.#runStart]!;
  }

  take(file: ProjectFile, place: number, isKept: boolean): void {
    if (isKept) {
      if (place !== this.#runEnd) this.#flush();
      if (this.#runStart === this.#runEnd) this.#runStart = place;
      this.#runEnd = place + 1;
      return;
    }
    this.#flush();
    const skipped = reasonToSkip(file);
    if (skipped === undefined) this.#readFile(file, place);
    else this.#builder.add({ ...unread, ...timesOf(file), ...file, skipped });
  }

  #readFile(file: ProjectFile, place: number): void {
    const { path, size } = file;
    const times = { ...timesOf(file), readMs: Date.now() };
    const bytes = readIfThere(join(this.#root, path));
    if (bytes === undefined || bytes.length > 2 * sourceBytesMax) {
      // It vanished or grew since the walk, or may not be read.
      const skipped = bytes === undefined ? "missing" : "huge";
      this.#builder.add({ path, size, ...times, hash: 0n, skipped, units: [] });
      return;
    }
    this.read++;
    const hash = Bun.hash.xxHash3(bytes);
    if (place >= 0 && this.#old.hashOf(place) === hash && this.#old.columns.size[place] === size) {
      this.#builder.addAgain(place, times);
      return;
    }
    const about = { path, size, ...times, hash };
    const skipped = skippedByContents(bytes.subarray(0, headBytes));
    if (skipped !== undefined) {
      this.#builder.add({ ...about, skipped, units: [] });
      return;
    }
    const language = languageOf(path)?.id;
    this.#builder.add(recordOf({ ...about, text: bytes.toString("utf8"), language }));
  }

  finish(): IndexTable {
    this.#flush();
    return this.#builder.finish();
  }

  #flush(): void {
    if (this.#runEnd > this.#runStart) {
      this.#builder.addRun(this.#runStart, this.#runEnd);
    }
    this.#runStart = 0;
    this.#runEnd = 0;
  }
}

function timesOf({ mtimeMs, ctimeMs }: ProjectFile) {
  return { changedMs: mtimeMs, statusMs: ctimeMs };
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}
