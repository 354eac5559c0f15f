// Makes tasks of filling in out of real files: a line, or a few, are taken out of the middle of a text, at
// places that only the seed and the text decide.

import { uniform } from "../../inference/sampler.ts";
import type { Document } from "../documents.ts";

export type HoleKind = "single line" | "multi-line";

export interface Hole {
  readonly kind: HoleKind;
  readonly file: string;
  /** The line where it begins, from 1. */
  readonly line: number;
  readonly prefix: string;
  /** What was taken out: whole lines, their indentation too, but for the end of the last one. */
  readonly middle: string;
  readonly suffix: string;
}

const linesMax = 8;

/** Lines worth asking for: a word or number in them, and more than a bracket. */
const worthwhile = /^\s*(?=.*[\p{L}\p{N}])\S.{2,}/u;

/** The nth hole of a kind in a document; undefined where it has no place for one. */
export function makeHole(
  { file, text }: Document,
  kind: HoleKind,
  seed: number,
  nth = 0,
): Hole | undefined {
  const lines = linesOf(text);
  const first = lines.findIndex(({ content }) => content.trim() !== "");
  const places = lines.flatMap(({ content }, i) =>
    i > first && first >= 0 && worthwhile.test(content) ? [i] : [],
  );
  const draw = drawer(seed, `${kind} ${nth} ${file}\n${text}`);
  const order = places.sort((a, b) => a - b);
  for (let left = order.length; left > 0; left--) {
    const [place] = order.splice(Math.floor(draw() * left), 1);
    const last = kind === "single line" ? place! : lastLine(lines, place!, draw());
    if (last === undefined) continue;
    const from = lines[place!]!.start;
    const end = lines[last]!.start + lines[last]!.content.trimEnd().length;
    return {
      kind,
      file,
      line: place! + 1,
      prefix: text.slice(0, from),
      middle: text.slice(from, end),
      suffix: text.slice(end),
    };
  }
  return undefined;
}

/** Where a hole of 2 to 8 lines ends: at a line that is not blank. */
function lastLine(lines: readonly Line[], place: number, point: number): number | undefined {
  const ends: number[] = [];
  for (let i = place + 1; i < Math.min(place + linesMax, lines.length); i++) {
    if (lines[i]!.content.trim() !== "") ends.push(i);
  }
  return ends[Math.floor(point * ends.length)];
}

interface Line {
  readonly start: number;
  readonly content: string;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const { 0: whole, index } of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    lines.push({ start: index, content: whole.replace(/\r?\n$/, "") });
  }
  return lines;
}

/** Numbers in [0, 1) that a seed and a text give. */
function drawer(seed: number, text: string): () => number {
  const key = Number(Bun.hash.xxHash64(text, BigInt(seed)) & 0xffff_ffffn);
  let index = 0;
  return () => uniform(key, index++);
}
