// One file as the index keeps it: cut into units, the words of each counted over the lines that are
// its own, the names that it defines. A unit that shows a secret is kept by its place alone.

import { type FileRecord, type UnitRecord, unitKind } from "./index-table.ts";
import { Lines } from "./lines.ts";
import { type OutlineUnit, outline } from "./outline.ts";
import { secretLines } from "./secrets.ts";
import { hashOfName, WordCounter } from "./words.ts";

const counter = new WordCounter();

export interface FileText {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly size: number;
  readonly changedMs: number;
  readonly statusMs: number;
  readonly readMs: number;
  readonly hash: bigint;
  /** Id of the language, undefined where it is not known. */
  readonly language: string | undefined;
}

export function recordOf(file: FileText): FileRecord {
  const { path, size, changedMs, statusMs, readMs, hash } = file;
  const lines = new Lines(file.text);
  const units = outline(lines, file.language);
  const owners = ownersOfLines(lines, units);
  const secret = new Set(secretLines(file.text).map((line) => owners[line] ?? -1));
  const ranges = ownRanges(owners, units.length);
  const place = placeWords(path);
  const records = units.map((unit, index) => {
    if (secret.has(index)) return withoutWords(unit);
    counter.clear();
    for (const [from, to] of ranges[index]!) {
      const [start, end] = [lines.starts[from]!, lines.endOf(to - 1)];
      if (unit.kind === "block") counter.add(withoutImports(file.text.slice(start, end)));
      else counter.add(file.text, start, end);
    }
    const length = counter.length;
    counter.add(place);
    const container = units[unit.parent];
    if (container !== undefined) counter.add(container.name);
    return recordOfUnit(unit, length);
  });
  return { path, size, changedMs, statusMs, readMs, hash, units: records };
}

/** What is imported says what else is about the same, not what this is about. */
function withoutImports(text: string): string {
  return text.replace(importStatement, "");
}

const importStatement =
  /^(?:(?:import|export)\s[^;"'(){}]*\{[^}]*\}\s*from\b.*|from\s+\S+\s+import\s*\([^)]*\)|import\s*\([^)]*\)|(?:pub\s+)?use\s[^;]*;|(?:import|from|using|require\w*|#\s*include|package)\b.*)$/gm;

function recordOfUnit(unit: OutlineUnit, words: number): UnitRecord {
  return {
    kind: unitKind[unit.kind],
    start: unit.start,
    end: unit.end,
    signatureEnd: unit.signatureEnd,
    parent: unit.parent,
    words,
    hashes: counter.hashes.slice(),
    counts: counter.counts.slice(),
    names: unit.names.map(hashOfName),
  };
}

/** Its name stays: what uses it is then told why it is not shown. */
function withoutWords(unit: OutlineUnit): UnitRecord {
  const { start, end, signatureEnd, parent } = unit;
  const names = unit.names.map(hashOfName);
  const kind = unitKind.secret;
  return { kind, start, end, signatureEnd, parent, words: 0, hashes: [], counts: [], names };
}

/** The last folder and the file's name without its extension: they say what a file is about. */
function placeWords(path: string): string {
  return path
    .split("/")
    .slice(-2)
    .join(" ")
    .replace(/\.[^. ]*$/, "");
}

/** The innermost unit of each line, -1 for a blank one between units. */
function ownersOfLines(lines: Lines, units: readonly OutlineUnit[]): Int32Array {
  const owners = new Int32Array(lines.count).fill(-1);
  // Containers stand before what they hold.
  for (const [index, unit] of units.entries()) owners.fill(index, unit.start, unit.end);
  return owners;
}

/** The runs of lines that each unit owns, from and to (exclusive). */
function ownRanges(owners: Int32Array, count: number): [number, number][][] {
  const ranges: [number, number][][] = Array.from({ length: count }, () => []);
  for (let from = 0; from < owners.length; ) {
    const owner = owners[from]!;
    let to = from + 1;
    while (to < owners.length && owners[to] === owner) to++;
    if (owner >= 0) ranges[owner]!.push([from, to]);
    from = to;
  }
  return ranges;
}
