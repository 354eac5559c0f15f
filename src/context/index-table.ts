// What an index holds: files, their units, the words of each unit and the names it defines, as
// columns of numbers. Words are hashes; the only text is that of paths.

import { Column } from "./columns.ts";

/** The columns by name: what kind of numbers each one holds. */
const kinds = {
  /** Of a file: bytes, and milliseconds since 1970 of its change and of when it was read. */
  size: Float64Array,
  changedMs: Float64Array,
  readMs: Float64Array,
  /** Hash of a file's bytes, in two halves. */
  hashHigh: Uint32Array,
  hashLow: Uint32Array,
  /** 0, or why a file has no units: a place in `skipReasons`, from 1. */
  skipped: Uint8Array,
  /** First unit and first definition of a file; one more entry at the end. */
  firstUnit: Uint32Array,
  firstDefinition: Uint32Array,
  /** Of a unit: its lines, its kind, its container's number in the file + 1. */
  start: Uint32Array,
  end: Uint32Array,
  signatureEnd: Uint32Array,
  kind: Uint8Array,
  parent: Uint32Array,
  /** Words of a unit in all; the first of its different ones, with one more entry at the end. */
  words: Uint32Array,
  firstWord: Uint32Array,
  /** Different words of a unit, and how often each occurs there. */
  word: Int32Array,
  count: Uint8Array,
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

/** What a file's contents may show that keeps it out. */
export const skipReasons = ["binary", "generated", "huge"] as const;

/** One file as it goes into an index. */
export interface FileRecord {
  readonly path: string;
  readonly size: number;
  readonly changedMs: number;
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

/** An index in memory. Numbers of files and units count from 0 over the whole index. */
export class IndexTable {
  readonly paths: readonly string[];
  readonly columns: Columns;

  constructor(paths: readonly string[], columns: Columns) {
    this.paths = paths;
    this.columns = columns;
  }

  static empty(): IndexTable {
    return new TableBuilder().finish();
  }

  get units(): number {
    return this.columns.start.length;
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

  /** Different words of all units so far. */
  get words(): number {
    return this.#columns.word.length;
  }

  add(file: FileRecord): void {
    const columns = this.#columns;
    this.#paths.push(file.path);
    columns.size.push(file.size);
    columns.changedMs.push(file.changedMs);
    columns.readMs.push(file.readMs);
    columns.hashHigh.push(Number(file.hash >> 32n));
    columns.hashLow.push(Number(file.hash & 0xffff_ffffn));
    columns.skipped.push(file.skipped === undefined ? 0 : skipReasons.indexOf(file.skipped) + 1);
    columns.firstUnit.push(columns.start.length);
    columns.firstDefinition.push(columns.definedName.length);
    for (const [index, unit] of file.units.entries()) this.#addUnit(unit, index);
  }

  #addUnit(unit: UnitRecord, index: number): void {
    const columns = this.#columns;
    columns.start.push(unit.start);
    columns.end.push(unit.end);
    columns.signatureEnd.push(unit.signatureEnd);
    columns.kind.push(unit.kind);
    columns.parent.push(unit.parent + 1);
    columns.words.push(unit.words);
    columns.firstWord.push(columns.word.length);
    for (let at = 0; at < unit.hashes.length; at++) {
      columns.word.push(unit.hashes[at]!);
      columns.count.push(Math.min(unit.counts[at]!, 255));
    }
    for (const name of unit.names) {
      columns.definedName.push(name);
      columns.definedBy.push(index);
    }
  }

  /** Appends a file of `from` whose contents are as they were, with its new times. */
  addAgain(from: IndexTable, file: number, changedMs: number, readMs: number): void {
    this.addRun(from, file, file + 1);
    this.#columns.changedMs.setLast(changedMs);
    this.#columns.readMs.setLast(readMs);
  }

  /** Appends the files of `from` between two of them, as they are. */
  addRun(from: IndexTable, first: number, end: number): void {
    const { columns: old } = from;
    const columns = this.#columns;
    const unit = old.firstUnit[first]!;
    const unitEnd = old.firstUnit[end]!;
    const word = old.firstWord[unit]!;
    const wordEnd = old.firstWord[unitEnd]!;
    const definition = old.firstDefinition[first]!;
    const definitionEnd = old.firstDefinition[end]!;
    for (let file = first; file < end; file++) this.#paths.push(from.paths[file]!);
    columns.firstUnit.append(old.firstUnit, first, end, columns.start.length - unit);
    const definitions = columns.definedName.length - definition;
    columns.firstDefinition.append(old.firstDefinition, first, end, definitions);
    columns.firstWord.append(old.firstWord, unit, unitEnd, columns.word.length - word);
    for (const name of ["size", "changedMs", "readMs"] as const) {
      columns[name].append(old[name], first, end);
    }
    for (const name of ["hashHigh", "hashLow"] as const)
      columns[name].append(old[name], first, end);
    columns.skipped.append(old.skipped, first, end);
    for (const name of ["start", "end", "signatureEnd", "parent", "words"] as const) {
      columns[name].append(old[name], unit, unitEnd);
    }
    columns.kind.append(old.kind, unit, unitEnd);
    columns.word.append(old.word, word, wordEnd);
    columns.count.append(old.count, word, wordEnd);
    columns.definedName.append(old.definedName, definition, definitionEnd);
    columns.definedBy.append(old.definedBy, definition, definitionEnd);
  }

  finish(): IndexTable {
    const columns = this.#columns;
    columns.firstUnit.push(columns.start.length);
    columns.firstDefinition.push(columns.definedName.length);
    columns.firstWord.push(columns.word.length);
    const views = columnNames.map((name) => [name, columns[name].view()]);
    return new IndexTable(this.#paths, Object.fromEntries(views) as Columns);
  }
}
