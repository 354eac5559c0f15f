// Blocks of lines for what lies in no function or container: imports, tables, scripts, prose. Each is
// small enough to be shown whole.

import type { Lines } from "./lines.ts";
import type { OutlineUnit } from "./outline.ts";
import type { OutlineRules } from "./outline-rules.ts";

/** Blocks are cut at a blank line after so many lines, and anywhere after twice as many. */
const blockLines = 30;

/** Blocks of the lines that lie in no unit. */
export function blocksOf(
  lines: Lines,
  units: readonly OutlineUnit[],
  rules: OutlineRules | undefined,
): OutlineUnit[] {
  const found: OutlineUnit[] = [];
  const tops = units.filter(({ parent }) => parent < 0);
  let from = 0;
  for (const unit of [...tops, { start: lines.count, end: lines.count }]) {
    cutBlocks(lines, from, unit.start, rules, found);
    from = Math.max(from, unit.end);
  }
  return found;
}

function cutBlocks(
  lines: Lines,
  from: number,
  to: number,
  rules: OutlineRules | undefined,
  found: OutlineUnit[],
): void {
  let start = from;
  const finish = (end: number) => {
    let last = end;
    while (last > start && lines.indents[last - 1]! < 0) last--;
    while (start < last && lines.indents[start]! < 0) start++;
    if (last > start) found.push(blockOf(lines, start, last, rules));
    start = end;
  };
  for (let line = from; line < to; line++) {
    const length = line - start;
    const gap = lines.indents[line]! < 0 && (lines.indents[line + 1] ?? 0) <= 0;
    if ((length >= blockLines && gap) || length >= 2 * blockLines) finish(line);
  }
  finish(to);
}

function blockOf(
  lines: Lines,
  start: number,
  end: number,
  rules: OutlineRules | undefined,
): OutlineUnit {
  const names: string[] = [];
  const variable = rules?.variable;
  for (let line = start; variable !== undefined && line < end; line++) {
    if (lines.indents[line] !== 0) continue;
    variable.lastIndex = lines.starts[line]!;
    const name = variable.exec(lines.text)?.[1];
    if (name !== undefined) names.push(name);
  }
  return { name: "", kind: "block", start, end, signatureEnd: start, parent: -1, names };
}
