// The text that a model is shown: each file's path and the lines that follow, then those lines. What
// is left out between them is a line with an ellipsis, never nothing.

import type { LineRange } from "./sources.ts";

export interface ShownFile {
  readonly path: string;
  readonly lines: readonly string[];
  readonly ranges: readonly LineRange[];
}

const gap = "…";

/** The files one after the other, a blank line between them. */
export function render(files: readonly ShownFile[]): string {
  return files.map((file) => renderFile(file)).join("\n");
}

/** What further runs of lines add to a file, wherever they come to stand. */
export function renderMore(lines: readonly string[], ranges: readonly LineRange[]): string {
  const { places, texts } = partsOf(lines, ranges);
  return `,${places.join(",")}\n${gap}\n${texts.join(`\n${gap}\n`)}\n`;
}

/** One file: `path:1-9,12-30`, then these lines. */
export function renderFile({ path, lines, ranges }: ShownFile): string {
  const { places, texts } = partsOf(lines, merge(ranges, lines));
  return `${path}:${places.join(",")}\n${texts.join(`\n${gap}\n`)}\n`;
}

function partsOf(lines: readonly string[], ranges: readonly LineRange[]) {
  const places = ranges.map(([from, to]) => (to - from === 1 ? `${to}` : `${from + 1}-${to}`));
  const texts = ranges.map(([from, to]) => lines.slice(from, to).join("\n"));
  return { places, texts };
}

/** Runs of lines in order, joined where they touch or only blank lines lie between them. */
export function merge(ranges: readonly LineRange[], lines: readonly string[]): LineRange[] {
  const sorted = ranges.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last === undefined || (from > last[1] && !areBlank(lines, last[1], from))) {
      merged.push([from, to]);
    } else {
      last[1] = Math.max(last[1], to);
    }
  }
  return merged;
}

function areBlank(lines: readonly string[], from: number, to: number): boolean {
  for (let line = from; line < to; line++) if (lines[line]?.trim() !== "") return false;
  return true;
}
