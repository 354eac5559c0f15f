// Chooses what part of a Python file a model rewrites: the function or class that the instruction
// names. Units are found by indentation alone; the parser comes with the editor's own issue.

import { alignLines } from "../patch/line-alignment.ts";

export interface Region {
  /** The name of the unit, dotted for one in a class: "Stack.push". */
  readonly name: string;
  /** Lines from `start` (from 0) up to and without `end`. */
  readonly start: number;
  readonly end: number;
  /** What its lines are indented by in the file. */
  readonly indent: string;
}

const header = /^([ \t]*)(?:async +)?(?:def|class) +([A-Za-z_]\w*)/;

/** Every function and class of a Python text with its decorators, methods included, in order. */
export function pythonUnits(text: string): Region[] {
  const lines = text.split("\n");
  const units: Region[] = [];
  const enclosing: Region[] = [];
  for (const [index, line] of lines.entries()) {
    const found = header.exec(line);
    if (found === null) continue;
    const indent = found[1]!;
    while (enclosing.length > 0 && enclosing.at(-1)!.end <= index) enclosing.pop();
    const outer = enclosing.at(-1);
    const name = outer === undefined ? found[2]! : `${outer.name}.${found[2]}`;
    const unit = { name, start: decoratorsFrom(lines, index), end: 0, indent };
    const whole = { ...unit, end: endOf(lines, index, indent) };
    units.push(whole);
    enclosing.push(whole);
  }
  return units;
}

function decoratorsFrom(lines: readonly string[], index: number): number {
  let start = index;
  while (start > 0 && /^[ \t]*@/.test(lines[start - 1]!)) start--;
  return start;
}

/** The first line after the unit: one that is not blank and not deeper, outside brackets. */
function endOf(lines: readonly string[], index: number, indent: string): number {
  let end = index + 1;
  for (let at = index + 1; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.trim() === "") continue;
    const depth = line.length - line.trimStart().length;
    // A closing bracket of a long signature stands at the unit's own indentation.
    if (depth <= indent.length && !/^[ \t]*[)\]}]/.test(line)) break;
    end = at + 1;
  }
  return end;
}

/**
 * The unit that the instruction names first, the innermost where it names a class and its method;
 * undefined where it names none, or where the text is short (30 lines) or has one unit only.
 */
export function chooseRegion(text: string, instruction: string): Region | undefined {
  if (text.split("\n").length <= 30) return undefined;
  const units = pythonUnits(text);
  if (units.length < 2) return undefined;
  let best: Region | undefined;
  let bestAt = Number.POSITIVE_INFINITY;
  for (const unit of units) {
    const at = mention(instruction, unit.name);
    const inside = best !== undefined && unit.name.startsWith(`${best.name}.`);
    if (at < bestAt || (inside && at < Number.POSITIVE_INFINITY)) [best, bestAt] = [unit, at];
  }
  return best;
}

/** Where the instruction names the unit, by its last name as a whole word; infinite if nowhere. */
function mention(instruction: string, name: string): number {
  const last = name.slice(name.lastIndexOf(".") + 1);
  const at = instruction.search(new RegExp(`(?<![\\w])${last}(?![\\w])`));
  return at < 0 ? Number.POSITIVE_INFINITY : at;
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
