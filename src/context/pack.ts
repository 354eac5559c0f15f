// Fills a budget of tokens with ranked units, best first: whole where they fit, else their signature.
// What is counted is the text that will be shown, headers included; it never exceeds the budget.

import { breathe } from "../breathe.ts";
import type { Ranked, ScoreParts } from "./rank.ts";
import { merge, render, renderFile, renderMore, type ShownFile } from "./render.ts";
import { type LineRange, type Source, type Sources, without } from "./sources.ts";

/** A unit as it is reported, lines counted from 0, `end` exclusive. */
export interface ContextUnit {
  readonly file: string;
  /** "" for a block of lines. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
  readonly parts: ScoreParts;
  /** What showing it takes of the budget, or would take. */
  readonly tokens: number;
  /** "signature" where the whole did not fit; "nothing" where that did not either. */
  readonly shown: "whole" | "signature" | "nothing";
}

export interface Packed {
  readonly text: string;
  readonly tokens: number;
  /** In the order of their score. */
  readonly units: readonly ContextUnit[];
  /** Units that show a secret, by their place. */
  readonly secrets: readonly { file: string; start: number; end: number }[];
}

/** Units that are tried; after so many that do not fit there is hardly room for another. */
const triedMax = 96;
const failedMax = 24;

/** What parts two runs of lines of a file takes at most, gap and places; it falls away where they touch. */
const jointTokens = 12;

interface Chosen {
  readonly unit: ContextUnit;
  readonly ranges: readonly LineRange[];
}

export async function pack(
  ranked: readonly Ranked[],
  sources: Sources,
  budget: number,
  count: (text: string) => number,
  signal?: AbortSignal,
): Promise<Packed> {
  const files = new FileTexts(count);
  const chosen: Chosen[] = [];
  const left: ContextUnit[] = [];
  const secrets: { file: string; start: number; end: number }[] = [];
  let used = 0;
  /** By how much `used` may be too high. */
  let slack = 0;
  for (const candidate of ranked.slice(0, triedMax)) {
    await breathe(signal);
    const source = await sources.get(candidate.path);
    const showable = source?.showable(candidate.unit);
    if (source === undefined || showable === undefined) continue;
    const { name, start, end, whole, brief } = showable;
    const about = { file: candidate.path, name, start, end };
    const { score, parts } = candidate;
    if (source.hasSecret(whole)) {
      secrets.push({ file: candidate.path, start, end });
      continue;
    }
    const wholeTokens = files.cost(source, whole);
    if (wholeTokens === 0) continue;
    if (wholeTokens > budget - used && wholeTokens <= budget - used + slack) {
      used = count(render(files.of(chosen)));
      slack = 0;
    }
    const room = budget - used;
    const isWhole = wholeTokens <= room;
    // Counting takes its time: the signature is only counted where it is needed.
    const briefTokens = isWhole || brief === undefined ? 0 : files.cost(source, brief);
    const isBrief = briefTokens > 0 && briefTokens <= room;
    if (!isWhole && !isBrief) {
      left.push({ ...about, score, parts, tokens: wholeTokens, shown: "nothing" });
      if (left.length >= failedMax) break;
      continue;
    }
    const tokens = isWhole ? wholeTokens : briefTokens;
    const ranges = isWhole ? whole : brief!;
    const shown = isWhole ? "whole" : "signature";
    chosen.push({ unit: { ...about, score, parts, tokens, shown }, ranges });
    if (files.has(source)) slack += jointTokens;
    files.add(source, ranges);
    used += tokens;
  }
  return finish(chosen, left, secrets, files, budget, count);
}

/** Counts the whole text, and takes the last units out again while it is over the budget. */
function finish(
  chosen: Chosen[],
  left: ContextUnit[],
  secrets: Packed["secrets"],
  files: FileTexts,
  budget: number,
  count: (text: string) => number,
): Packed {
  for (;;) {
    const text = render(files.of(chosen));
    const tokens = chosen.length === 0 ? 0 : count(text);
    if (tokens <= budget) {
      const units = [...chosen.map(({ unit }) => unit), ...left];
      units.sort((a, b) => b.score - a.score);
      return { text, tokens, units, secrets };
    }
    const { unit } = chosen.pop()!;
    left.push({ ...unit, shown: "nothing" });
  }
}

/** What is shown of each file so far, and what it takes. */
class FileTexts {
  readonly #count: (text: string) => number;
  readonly #files = new Map<string, { source: Source; ranges: LineRange[] }>();

  constructor(count: (text: string) => number) {
    this.#count = count;
  }

  /**
   * Tokens that showing these lines too would add, at most: what is counted once is not counted again,
   * and where two runs come to touch, the gap that falls away is. 0 where they are shown already.
   */
  cost({ path, lines }: Source, ranges: readonly LineRange[]): number {
    const file = this.#files.get(path);
    // With the blank line that parts files.
    if (file === undefined) return this.#count(`${renderFile({ path, lines, ranges })}\n`);
    const fresh = less(merge(ranges, lines), file.ranges);
    return fresh.length === 0 ? 0 : this.#count(renderMore(lines, fresh));
  }

  /** Whether something of the file is shown. */
  has({ path }: Source): boolean {
    return this.#files.has(path);
  }

  /** Shows these lines too. */
  add(source: Source, ranges: readonly LineRange[]): void {
    const before = this.#files.get(source.path);
    this.#files.set(source.path, { source, ranges: [...(before?.ranges ?? []), ...ranges] });
  }

  /** The files of these units, the best last: it then stands next to what it is for. */
  of(chosen: readonly Chosen[]): ShownFile[] {
    const shown = new Map<string, LineRange[]>();
    for (const { unit, ranges } of chosen) {
      shown.set(unit.file, [...(shown.get(unit.file) ?? []), ...ranges]);
    }
    return Array.from(shown, ([path, ranges]) => {
      const { lines } = this.#files.get(path)!.source;
      return { path, lines, ranges };
    }).reverse();
  }
}

/** Ranges less the lines of others. */
function less(ranges: readonly LineRange[], others: readonly LineRange[]): LineRange[] {
  return others.reduce((left, other) => without(left, other), [...ranges]);
}
