// Orders the units of a project by how much they help with a region: by its words, by the names it
// uses, by what its file imports, and, where those are equal, by nearness and recency. The weights
// and the threshold were set by hand and kept after one evaluation (bench/context/recall.ts).

import { type IndexTable, unitKind } from "./index-table.ts";
import type { Lines, Needs, UsedName } from "./names.ts";
import { folderOf } from "./path-keys.ts";
import { hashOfName } from "./words.ts";

/** What a score is made of, each part from 0 to 1. */
export interface ScoreParts {
  /** Share of the query's words, rare ones counting more (BM25). */
  readonly words: number;
  /** How surely it defines what the region uses. */
  readonly definition: number;
  /** Its file is imported. */
  readonly imported: number;
  /** Its file is near in the tree of folders. */
  readonly near: number;
  /** Its file was changed lately. */
  readonly recent: number;
}

export const weights: ScoreParts = {
  words: 0.5,
  definition: 0.5,
  imported: 0.04,
  near: 0.03,
  recent: 0.01,
};

/** Below this a unit is noise, and none is better; place and age alone never reach it. */
export const threshold = 0.09;

export interface Ranked {
  readonly path: string;
  /** Number of the unit in its file, in the order of the file's outline. */
  readonly unit: number;
  readonly score: number;
  readonly parts: ScoreParts;
}

export interface RankRequest {
  readonly index: IndexTable;
  /** The text being worked on, indexed as it is now: its file's place in `index` is not looked at. */
  readonly own: IndexTable;
  readonly path: string;
  readonly region: Lines;
  /** What search() gives of `index` and `own`. */
  readonly words: readonly Float64Array[];
  readonly needs: Needs;
  readonly weights?: ScoreParts;
  /** Default: `threshold`. */
  readonly threshold?: number;
}

/** Names that more units define than this are looked for by imports alone. */
const definersMax = 8;

/** How surely the container of a region, its fields and signatures, is needed. */
const containerShare = 0.6;

const dayMs = 86_400_000;

export interface Ranking {
  /** The units that score at least the threshold, best first. */
  readonly best: readonly Ranked[];
  /** How many others have anything in common with the region. */
  readonly others: number;
}

export function rank(request: RankRequest): Ranking {
  const { index, own, path, words } = request;
  const definitions = definitionScores(request);
  const files = new FileScores(path, request.needs.imported, newestOf(index));
  const best: Ranked[] = [];
  let others = 0;
  for (const [at, table] of [index, own].entries()) {
    const isOwn = table === own;
    const surely = new Float64Array(table.units);
    for (const [key, sure] of definitions) {
      if (key < 0 === isOwn) surely[isOwn ? -key - 1 : key] = sure;
    }
    others += rankTable(request, { table, words: words[at]!, definitions: surely, files }, best);
  }
  best.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1) || a.unit - b.unit);
  return { best, others };
}

interface TableQuestion {
  readonly table: IndexTable;
  /** Of all units of the table. */
  readonly words: Float64Array;
  readonly definitions: Float64Array;
  readonly files: FileScores;
}

/**
 * Adds the table's units that score enough; returns how many others have anything in common. Most of its
 * many thousands are told by two numbers: the loop is short, as it runs before any compiler sees it.
 */
function rankTable(request: RankRequest, question: TableQuestion, best: Ranked[]): number {
  const { table, words, definitions, files } = question;
  const factors = request.weights ?? weights;
  const least = request.threshold ?? threshold;
  const isOwn = table === request.own;
  const [skipFrom, skipEnd] = isOwn ? [-1, -1] : unitsOfFile(table, request.path);
  const around = factors.imported + factors.near + factors.recent;
  const { length } = words;
  let others = 0;
  for (let unit = 0; unit < length; unit++) {
    const said = words[unit]!;
    const defined = definitions[unit]!;
    // What is like nothing that the region says or uses is not brought in by place or age.
    if (said === 0 && defined === 0) continue;
    // The index has the file that is worked on as it was saved.
    if (unit >= skipFrom && unit < skipEnd) continue;
    if (isOwn && isInRegion(table, unit, request.region)) continue;
    const matter = said * factors.words + defined * factors.definition;
    if (matter + around < least) {
      others++;
      continue;
    }
    const file = table.fileOf(unit);
    const path = table.paths[file]!;
    const place = files.of(path, table.columns.changedMs[file]!);
    const { imported, near, recent } = place;
    const score =
      matter + imported * factors.imported + near * factors.near + recent * factors.recent;
    if (score < least) {
      others++;
      continue;
    }
    const parts = { words: said, definition: defined, ...place };
    best.push({ path, unit: unit - table.columns.firstUnit[file]!, score, parts });
  }
  return others;
}

/** The first unit of a file and the one after its last. */
function unitsOfFile({ paths, columns }: IndexTable, path: string): readonly [number, number] {
  const file = paths.indexOf(path);
  return file < 0 ? [-1, -1] : [columns.firstUnit[file]!, columns.firstUnit[file + 1]!];
}

/** Units of both tables under one number: those of the text itself are negative. */
function keyOf(isOwn: boolean, unit: number): number {
  return isOwn ? -unit - 1 : unit;
}

/** Whether a unit of the text itself is the region or a part of it; a container round it is not. */
function isInRegion(own: IndexTable, unit: number, region: Lines): boolean {
  const { start, end } = own.columns;
  if (start[unit]! >= region.end || end[unit]! <= region.start) return false;
  return !isRound(own, unit, region);
}

/** Whether a unit is a container of which the region is a part. */
function isRound(own: IndexTable, unit: number, region: Lines): boolean {
  const { start, end, kind } = own.columns;
  if (kind[unit] !== unitKind.container) return false;
  return start[unit]! < region.start && end[unit]! >= region.end;
}

/** For each unit that defines a used name how surely it is the one that is meant. */
function definitionScores(request: RankRequest): Map<number, number> {
  const { index, own, path, needs, region } = request;
  const skipped = index.paths.indexOf(path);
  const byHash = new Map(needs.names.map((used) => [hashOfName(used.name), used]));
  const definers = new Map<UsedName, number[]>();
  const collect = (table: IndexTable, isOwn: boolean) => {
    const { definedName } = table.columns;
    for (const [hash, used] of byHash) {
      // The engine's own search: a loop over all names would be interpreted.
      for (let at = definedName.indexOf(hash); at >= 0; at = definedName.indexOf(hash, at + 1)) {
        const unit = definingUnit(table, at);
        if (!isOwn && table.fileOf(unit) === skipped) continue;
        const known = definers.get(used);
        if (known === undefined) definers.set(used, [keyOf(isOwn, unit)]);
        else known.push(keyOf(isOwn, unit));
      }
    }
  };
  collect(index, false);
  collect(own, true);
  const missing = new Map<number, number>();
  // What the region is a part of is what it is written for.
  for (let unit = 0; unit < own.units; unit++) {
    if (isRound(own, unit, region)) missing.set(keyOf(true, unit), 1 - containerShare);
  }
  for (const [used, keys] of definers) {
    for (const [key, sure] of meant(used, keys, request)) {
      if (key < 0 && isInRegion(own, -key - 1, region)) continue;
      missing.set(key, (missing.get(key) ?? 1) * (1 - 0.95 * sure));
    }
  }
  return new Map(Array.from(missing, ([key, rest]) => [key, 1 - rest]));
}

function definingUnit(table: IndexTable, definition: number): number {
  const { firstDefinition, firstUnit, definedBy } = table.columns;
  let low = 0;
  let high = table.paths.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (firstDefinition[middle]! <= definition) low = middle;
    else high = middle - 1;
  }
  return firstUnit[low]! + definedBy[definition]!;
}

/** Which of the units of a name are meant: those imported, else the text's own, else the nearest. */
function meant(used: UsedName, keys: readonly number[], request: RankRequest): [number, number][] {
  const { index, path, needs } = request;
  const pathOf = (key: number) => (key < 0 ? path : index.paths[index.fileOf(key)]!);
  const imported = keys.filter((key) => used.files.includes(pathOf(key)));
  if (imported.length > 0)
    return imported.map((key) => [key, used.weight / imported.length ** 0.5]);
  const inText = keys.filter((key) => key < 0);
  if (inText.length > 0) return inText.map((key) => [key, used.weight]);
  const throughImports = keys.filter((key) => needs.imported.has(pathOf(key)));
  const folder = folderOf(path);
  const beside = keys.filter((key) => folderOf(pathOf(key)) === folder);
  const nearest = throughImports.length > 0 ? throughImports : beside.length > 0 ? beside : keys;
  if (nearest.length > definersMax) return [];
  const near = nearest === keys ? 0.5 : 1;
  return nearest.map((key) => [key, (used.weight * near) / nearest.length]);
}

/** What a unit owes to the file that it lies in. */
class FileScores {
  readonly #folder: readonly string[];
  readonly #imported: ReadonlySet<string>;
  readonly #newestMs: number;
  readonly #nearness = new Map<string, number>();

  constructor(path: string, imported: ReadonlySet<string>, newestMs: number) {
    this.#folder = folderOf(path).split("/");
    this.#imported = imported;
    this.#newestMs = newestMs;
  }

  of(path: string, changedMs: number): Pick<ScoreParts, "imported" | "near" | "recent"> {
    return {
      imported: this.#imported.has(path) ? 1 : 0,
      near: this.#nearTo(folderOf(path)),
      recent: 1 / (1 + Math.max(0, this.#newestMs - changedMs) / (7 * dayMs)),
    };
  }

  /** 1 in the same folder, less with each step up or down. */
  #nearTo(folder: string): number {
    const known = this.#nearness.get(folder);
    if (known !== undefined) return known;
    const names = folder.split("/");
    let common = 0;
    while (common < names.length && names[common] === this.#folder[common]) common++;
    const nearness = 1 / (1 + names.length + this.#folder.length - 2 * common);
    this.#nearness.set(folder, nearness);
    return nearness;
  }
}

/** Recency counts from the newest file: a project left alone for a year has recent files too. */
function newestOf(index: IndexTable): number {
  const { changedMs } = index.columns;
  let newest = 0;
  for (let file = 0; file < changedMs.length; file++) newest = Math.max(newest, changedMs[file]!);
  return newest;
}
