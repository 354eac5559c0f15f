// What an index holds: files, their units, the words of each unit and the names it defines, as
// columns of numbers. Words are hashes; the only text is that of paths.

import { Column } from "./columns.ts";
import { hashesOf } from "./path-keys.ts";
import { PostingBuilder, placeOf } from "./postings.ts";

/** The columns by name: what kind of numbers each one holds. */
const kinds = {
  /**
   * Of a file: bytes, and milliseconds since 1970 of its contents' last change, of any change, and of when
   * it was read.
   */
  size: Float64Array,
  changedMs: Float64Array,
  statusMs: Float64Array,
  readMs: Float64Array,
  /** Hash of a file's bytes, in two halves. */
  hashHigh: Uint32Array,
  hashLow: Uint32Array,
  /** 0, or why a file has no units: a place in `skipReasons`, from 1. */
  skipped: Uint8Array,
  /** Hashes of what an import may call a file (path-keys.ts). */
  pathKey: Int32Array,
  pathLast: Int32Array,
  pathFolder: Int32Array,
  /** First unit and first definition of a file; one more entry at the end. */
  firstUnit: Uint32Array,
  firstDefinition: Uint32Array,
  /** Of a unit: its lines, its kind, its container's number in the file + 1. */
  start: Uint32Array,
  end: Uint32Array,
  signatureEnd: Uint32Array,
  kind: Uint8Array,
  parent: Uint32Array,
  /** Words of a unit in all, and of all units. */
  words: Uint32Array,
  wordsInAll: Float64Array,
  /** Each different word, sorted, and its first posting; one more entry of those at the end. */
  word: Int32Array,
  firstPosting: Uint32Array,
  /** A unit that has a word, and how often (postings.ts). */
  posting: Uint32Array,
  /** A name that is defined, and by which unit of its file. */
  definedName: Int32Array,
  definedBy: Uint32Array,
} as const;

export type ColumnName = keyof typeof kinds;
type NumbersOf<K extends ColumnName> = InstanceType<(typeof kinds)[K]>;

export const columnNames = Object.keys(kinds) as readonly ColumnName[];

/** How many bytes a number of a column takes. */
export function bytesPerNumber(column: ColumnName): number {
  return kinds[column].BYTES_PER_ELEMENT;
}

/** A column's numbers as they lie in `buffer`. */
export function columnAt(
  column: ColumnName,
  buffer: ArrayBuffer,
  offset: number,
  length: number,
): NumbersOf<ColumnName> {
  return new kinds[column](buffer, offset, length);
}

/** What a unit is, in the column `kind`. */
export const unitKind = { unit: 0, container: 1, block: 2, secret: 3 } as const;

/** Why a file has no units; their order is that of the stored numbers. */
export const skipReasons = [
  "binary",
  "generated",
  "huge",
  "secret",
  "link",
  "missing",
  "repository",
  "special",
  "unreadable",
] as const;

/** One file as it goes into an index. */
export interface FileRecord {
  readonly path: string;
  readonly size: number;
  readonly changedMs: number;
  readonly statusMs: number;
  readonly readMs: number;
  readonly hash: bigint;
  readonly skipped?: (typeof skipReasons)[number] | undefined;
  readonly units: readonly UnitRecord[];
}

export interface UnitRecord {
  readonly kind: number;
  readonly start: number;
  readonly end: number;
  readonly signatureEnd: number;
  /** Index in the file of the container that it lies in; -1 outside. */
  readonly parent: number;
  readonly words: number;
  readonly hashes: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
  /** Hashes of names that it defines. */
  readonly names: readonly number[];
}

export type Columns = { readonly [K in ColumnName]: NumbersOf<K> };

/** What is known of an index beside its columns. */
interface Known {
  readonly pathBytes?: Uint8Array | undefined;
  readonly common?: ReadonlySet<number> | undefined;
}

/** In an index of many units a word that more than this share of them have is passed over. */
export const commonShare = 0.25;
export const manyUnits = 10_000;

export function isCommonAmong(units: number, having: number): boolean {
  return units > manyUnits && having > commonShare * units;
}

/** An index in memory. Numbers of files and units count from 0 over the whole index. */
export class IndexTable {
  readonly paths: readonly string[];
  readonly columns: Columns;
  /** Hashes of words that so many units have that their postings were not read (`isCommon`). */
  readonly common: ReadonlySet<number>;
  #pathBytes: Uint8Array | undefined;

  constructor(paths: readonly string[], columns: Columns, known: Known = {}) {
    this.paths = paths;
    this.columns = columns;
    this.common = known.common ?? new Set();
    this.#pathBytes = known.pathBytes;
  }

  /**
   * Whether so many of many units have a word that it hardly tells them apart, and that looking at all
   * that have it takes longer than all other words.
   */
  isCommon(hash: number): boolean {
    const [from, to] = this.postingsOf(hash);
    return this.common.has(hash) || isCommonAmong(this.units, to - from);
  }

  /** The paths with a NUL after each: they hold none. */
  get pathBytes(): Uint8Array {
    this.#pathBytes ??= Buffer.from(this.paths.map((path) => `${path}\0`).join(""));
    return this.#pathBytes;
  }

  static empty(): IndexTable {
    return nothing;
  }

  get units(): number {
    return this.columns.start.length;
  }

  /** Places in the column of postings between which a word's own stand. */
  postingsOf(hash: number): readonly [from: number, to: number] {
    const { word, firstPosting } = this.columns;
    const at = placeOf(hash, word);
    return at < 0 ? [0, 0] : [firstPosting[at]!, firstPosting[at + 1]!];
  }

  hashOf(file: number): bigint {
    const { hashHigh, hashLow } = this.columns;
    return (BigInt(hashHigh[file]!) << 32n) | BigInt(hashLow[file]!);
  }

  /** The file that a unit lies in. */
  fileOf(unit: number): number {
    const { firstUnit } = this.columns;
    let low = 0;
    let high = this.paths.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (firstUnit[middle]! <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Builds an index of new files and of runs of files of an older one. */
export class TableBuilder {
  readonly #paths: string[] = [];
  readonly #columns = Object.fromEntries(
    columnNames.map((name) => [name, new Column<NumbersOf<ColumnName>>(kinds[name] as never)]),
  ) as { [K in ColumnName]: Column<NumbersOf<K>> };
  readonly #postings: PostingBuilder;
  readonly #old: IndexTable;
  /** Where each unit of the old index comes to be, -1 where it goes. */
  readonly #places: Int32Array;

  /** @param old the index that runs are taken from */
  constructor(old?: IndexTable) {
    this.#old = old ?? nothing;
    this.#places = new Int32Array(this.#old.units).fill(-1);
    this.#postings = new PostingBuilder(this.#old.columns, this.#places);
  }

  /** Different words of all new units so far. */
  get words(): number {
    return this.#postings.added;
  }

  get units(): number {
    return this.#columns.start.length;
  }

  add(file: FileRecord): void {
    const columns = this.#columns;
    this.#paths.push(file.path);
    columns.size.push(file.size);
    columns.changedMs.push(file.changedMs);
    columns.statusMs.push(file.statusMs);
    columns.readMs.push(file.readMs);
    columns.hashHigh.push(Number(file.hash >> 32n));
    columns.hashLow.push(Number(file.hash & 0xffff_ffffn));
    columns.skipped.push(file.skipped === undefined ? 0 : skipReasons.indexOf(file.skipped) + 1);
    const hashes = hashesOf(file.path);
    columns.pathKey.push(hashes.pathKey);
    columns.pathLast.push(hashes.pathLast);
    columns.pathFolder.push(hashes.pathFolder);
    columns.firstUnit.push(columns.start.length);
    columns.firstDefinition.push(columns.definedName.length);
    for (const [index, unit] of file.units.entries()) this.#addUnit(unit, index);
  }

  #addUnit(unit: UnitRecord, index: number): void {
    const columns = this.#columns;
    const number = columns.start.length;
    columns.start.push(unit.start);
    columns.end.push(unit.end);
    columns.signatureEnd.push(unit.signatureEnd);
    columns.kind.push(unit.kind);
    columns.parent.push(unit.parent + 1);
    columns.words.push(unit.words);
    for (let at = 0; at < unit.hashes.length; at++) {
      this.#postings.add(unit.hashes[at]!, number, unit.counts[at]!);
    }
    for (const name of unit.names) {
      columns.definedName.push(name);
      columns.definedBy.push(index);
    }
  }

  /** Appends a file of the old index whose contents are as they were, with its new times. */
  addAgain(file: number, times: Pick<FileRecord, "changedMs" | "statusMs" | "readMs">): void {
    const { changedMs, statusMs, readMs } = times;
    this.addRun(file, file + 1);
    this.#columns.changedMs.setLast(changedMs);
    this.#columns.statusMs.setLast(statusMs);
    this.#columns.readMs.setLast(readMs);
  }

  /** Appends the files of the old index between two of them, as they are. */
  addRun(first: number, end: number): void {
    const { columns: old, paths } = this.#old;
    const columns = this.#columns;
    const unit = old.firstUnit[first]!;
    const unitEnd = old.firstUnit[end]!;
    const definition = old.firstDefinition[first]!;
    const definitionEnd = old.firstDefinition[end]!;
    const moved = columns.start.length - unit;
    for (let at = unit; at < unitEnd; at++) this.#places[at] = at + moved;
    for (let file = first; file < end; file++) this.#paths.push(paths[file]!);
    columns.firstUnit.append(old.firstUnit, first, end, moved);
    const definitions = columns.definedName.length - definition;
    columns.firstDefinition.append(old.firstDefinition, first, end, definitions);
    for (const name of ofFiles) columns[name].append(old[name] as never, first, end);
    for (const name of ofUnits) columns[name].append(old[name] as never, unit, unitEnd);
    columns.definedName.append(old.definedName, definition, definitionEnd);
    columns.definedBy.append(old.definedBy, definition, definitionEnd);
  }

  finish(): IndexTable {
    const columns = this.#columns;
    columns.firstUnit.push(columns.start.length);
    columns.firstDefinition.push(columns.definedName.length);
    columns.wordsInAll.push(columns.words.view().reduce((sum, words) => sum + words, 0));
    const views = Object.fromEntries(columnNames.map((name) => [name, columns[name].view()]));
    const all = { ...(views as Columns), ...this.#postings.finish() };
    return new IndexTable(this.#paths, all, { common: this.#old.common });
  }
}

const ofFiles = [
  ...(["size", "changedMs", "statusMs", "readMs"] as const),
  ...(["hashHigh", "hashLow", "skipped", "pathKey", "pathLast", "pathFolder"] as const),
];
const ofUnits = ["start", "end", "signatureEnd", "kind", "parent", "words"] as const;

const nothing = new IndexTable([], {
  ...(Object.fromEntries(columnNames.map((name) => [name, new kinds[name](0)])) as Columns),
  wordsInAll: new Float64Array(1),
  firstUnit: new Uint32Array(1),
  firstDefinition: new Uint32Array(1),
  firstPosting: new Uint32Array(1),
});
