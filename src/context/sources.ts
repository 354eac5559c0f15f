// The texts of ranked units, read when they are to be shown: the file cut into lines and units as the
// index cut it, then each unit's edges as the parser sees them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Language, languageOf } from "../syntax/languages.ts";
import { loadSyntax } from "../syntax/syntax.ts";
import { Lines } from "./lines.ts";
import { type OutlineUnit, outline } from "./outline.ts";
import { secretLines } from "./secrets.ts";

/** A longer text is not parsed to be shown: its units stay as the outline cut them. */
const parsedLengthMax = 128 * 1024;

/** Files that are parsed for one answer; those of lower rank stay as the outline cut them. */
const parsedFilesMax = 16;

/** A unit that can be shown: runs of lines, from and to (exclusive), in order. */
export interface Showable {
  readonly name: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  /** All of it, under the signature of the container that it lies in. */
  readonly whole: readonly LineRange[];
  /** Its signature, and for a container those of what it holds; undefined where that is all. */
  readonly brief: readonly LineRange[] | undefined;
}

export type LineRange = readonly [from: number, to: number];

/** A file whose units are shown. */
export class Source {
  readonly path: string;
  readonly lines: readonly string[];
  readonly #text: string;
  readonly #units: OutlineUnit[];
  readonly #language: Language | undefined;
  /** Lines that are never shown. */
  readonly #hidden: LineRange | undefined;
  #secrets: ReadonlySet<number> | undefined;

  constructor(path: string, text: string, hidden?: LineRange) {
    this.path = path;
    this.#hidden = hidden;
    this.#text = text;
    this.lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
    this.#language = languageOf(path);
    this.#units = outline(new Lines(text), this.#language?.id);
  }

  /** The unit that the index knows by this number; undefined where the file is another by now. */
  showable(unit: number): Showable | undefined {
    const found = this.#units[unit];
    if (found === undefined) return undefined;
    const container = this.#units[found.parent];
    const within: LineRange[] = container === undefined ? [] : [signatureOf(container)];
    const name = this.#nameOf(found);
    const { kind, start, end } = found;
    const brief = this.#brief(found, within);
    const hidden = this.#hidden;
    if (hidden === undefined)
      return { name, kind, start, end, whole: [...within, [start, end]], brief };
    // A container that the region lies in shows what it is made of.
    const holdsHidden = start < hidden[1] && end > hidden[0];
    const whole = holdsHidden ? (brief ?? []) : [...within, [start, end] as const];
    const shorter = holdsHidden ? undefined : brief && without(brief, hidden);
    return { name, kind, start, end, whole: without(whole, hidden), brief: shorter };
  }

  /** Whether lines of these show a secret. */
  hasSecret(ranges: readonly LineRange[]): boolean {
    this.#secrets ??= new Set(secretLines(this.#text));
    if (this.#secrets.size === 0) return false;
    return ranges.some(([from, to]) => {
      for (let line = from; line < to; line++) if (this.#secrets!.has(line)) return true;
      return false;
    });
  }

  /** Moves the units' edges to where the parser sees them. */
  async refine(): Promise<void> {
    if (this.#language === undefined || this.#text.length > parsedLengthMax) return;
    const syntax = await loadSyntax(this.#language);
    if (syntax === undefined) return;
    const tree = syntax.parse(this.#text);
    try {
      const exact = tree.units();
      for (const [index, unit] of this.#units.entries()) {
        if (unit.kind === "block") continue;
        const match = exact.find(({ start, end, name }) => {
          const common = Math.min(end, unit.end) - Math.max(start, unit.start);
          const all = Math.max(end, unit.end) - Math.min(start, unit.start);
          return common > all / 2 && name.endsWith(unit.name);
        });
        if (match === undefined) continue;
        const { start, end, signatureEnd } = match;
        this.#units[index] = { ...unit, start, end, signatureEnd };
      }
    } finally {
      tree.close();
    }
  }

  #nameOf(unit: OutlineUnit): string {
    const container = this.#units[unit.parent];
    return container === undefined ? unit.name : `${this.#nameOf(container)}.${unit.name}`;
  }

  /** A function's signature; a container's own lines and the signatures of what it holds. */
  #brief(unit: OutlineUnit, within: readonly LineRange[]): LineRange[] | undefined {
    if (unit.kind === "block") return undefined;
    if (unit.kind === "unit") {
      return unit.signatureEnd < unit.end ? [...within, signatureOf(unit)] : undefined;
    }
    const index = this.#units.indexOf(unit);
    const held = this.#units.filter(({ parent }) => parent === index);
    if (held.length === 0) return undefined;
    const ranges: LineRange[] = [...within];
    let from = unit.start;
    for (const child of held) {
      if (child.start > from) ranges.push([from, child.start]);
      ranges.push(signatureOf(child));
      from = child.end;
    }
    return [...ranges, [from, unit.end]];
  }
}

/** Ranges less the lines of one. */
export function without(
  ranges: readonly LineRange[],
  [hiddenFrom, hiddenTo]: LineRange,
): LineRange[] {
  return ranges.flatMap(([from, to]): LineRange[] => {
    if (to <= hiddenFrom || from >= hiddenTo) return [[from, to]];
    const before: LineRange[] = from < hiddenFrom ? [[from, hiddenFrom]] : [];
    return to > hiddenTo ? [...before, [hiddenTo, to]] : before;
  });
}

function signatureOf({ start, signatureEnd, end }: OutlineUnit): LineRange {
  return [start, Math.max(start + 1, Math.min(signatureEnd, end))];
}

/** The text that is worked on, and the part of it that is never shown. */
export interface OwnText {
  readonly path: string;
  readonly text: string;
  readonly region: { readonly start: number; readonly end: number };
}

/** Reads the files of ranked units, each once. */
export class Sources {
  readonly #root: string;
  readonly #known = new Map<string, Source | undefined>();
  #parsed = 0;

  /** @param own stands for its file, whatever that holds */
  constructor(root: string, own: OwnText) {
    this.#root = root;
    const { path, text, region } = own;
    this.#known.set(path, new Source(path, text, [region.start, region.end]));
  }

  /** Undefined where the file cannot be read any more. */
  async get(path: string): Promise<Source | undefined> {
    if (this.#known.has(path)) return this.#known.get(path);
    let source: Source | undefined;
    try {
      source = new Source(path, readFileSync(join(this.#root, path), "utf8"));
    } catch {
      // It was there a moment ago; it may be gone, or not to be read by this user.
    }
    if (source !== undefined && this.#parsed++ < parsedFilesMax) await source.refine();
    this.#known.set(path, source);
    return source;
  }
}
