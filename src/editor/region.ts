// The part of a file that a model rewrites: taken out, moved to the margin, and put back with the
// lines that were not changed exactly as they were.

import { alignLines } from "../patch/line-alignment.ts";

export interface Region {
  /** What to call it: a unit's name, dotted for one in a class ("Stack.push"), or its lines. */
  readonly name: string;
  /** Lines from `start` (from 0) up to and without `end`. */
  readonly start: number;
  readonly end: number;
  /** What its lines are indented by in the file. */
  readonly indent: string;
}

/** The region's own text, moved to the margin, without a newline at its end. */
export function regionText(text: string, region: Region): string {
  const lines = text.split("\n").slice(region.start, region.end);
  return lines.map((line) => withoutIndent(line, region.indent)).join("\n");
}

function withoutIndent(line: string, indent: string): string {
  return line.startsWith(indent) ? line.slice(indent.length) : line.trimStart();
}

/**
 * The whole text with the region replaced, indented again. Lines that were not changed stay exactly
 * as they are in the file, trailing blanks and the insides of long strings included.
 */
export function replaceRegion(text: string, region: Region, replacement: string): string {
  const lines = text.split("\n");
  const before = regionText(text, region).split("\n");
  const after = replacement.replace(/\n+$/, "").split("\n");
  const origin = alignLines(before, after);
  const stored = after.map((line, index) => {
    const from = origin[index];
    if (from !== undefined) return lines[region.start + from]!;
    return line === "" ? line : region.indent + line;
  });
  lines.splice(region.start, region.end - region.start, ...stored);
  return lines.join("\n");
}
