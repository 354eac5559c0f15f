// Cuts a text into units by its lines alone: functions, containers (classes, interfaces, namespaces)
// and, for what lies outside of both, blocks of lines. It costs a tenth of a parse, and is exact
// where code is indented as everybody indents it; what is shown is cut again by the parser.

import { blocksOf } from "./blocks.ts";
import type { Lines } from "./lines.ts";
import { type OutlineRules, rulesOf } from "./outline-rules.ts";

export interface OutlineUnit {
  readonly name: string;
  readonly kind: "unit" | "container" | "block";
  /** Lines from `start` (from 0) to `end` (exclusive), comments and decorators above included. */
  readonly start: number;
  readonly end: number;
  /** The line after the signature. */
  readonly signatureEnd: number;
  /** Index of the container that it lies in; -1 outside. */
  readonly parent: number;
  /** Names that other files may use: the unit's own, and variables of a block. */
  readonly names: readonly string[];
}

/** A line longer than this is data, or was made by a program: no definition is looked for in it. */
const lineLengthMax = 400;

/** What begins a comment, a decorator or an attribute above a definition. */
const aboveUnit =
  /[ \t]*(?:\/\/|\/?\*|#(?!\s*(?:define|include|if|endif|else|pragma))|@|\[\w|--|template\b[^;{\n]*$)/my;

/** Words before a parenthesis that name no function. */
const notNames = new Set(
  (
    "if for foreach while switch catch return else do new throw case sizeof typeof alignof decltype " +
    "static_assert __attribute__ __declspec"
  ).split(" "),
);

interface OpenUnit {
  name: string;
  kind: "unit" | "container";
  start: number;
  line: number;
  end: number;
  signatureEnd: number;
  indent: number;
  parent: number;
  /** A brace was opened: the body ends where one closes at this depth. */
  opened: boolean;
}

/** The units of a text in the language with this id, in the order of their first lines. */
export function outline(lines: Lines, language: string | undefined): OutlineUnit[] {
  const rules = rulesOf(language);
  const open = rules === undefined ? [] : new Scan(lines, rules).run();
  const units: OutlineUnit[] = open.map((unit) => ({
    name: unit.name,
    kind: unit.kind,
    start: unit.start,
    end: unit.end,
    signatureEnd: Math.min(unit.signatureEnd, unit.end),
    parent: unit.parent,
    names: [unit.name],
  }));
  return [...units, ...blocksOf(lines, units, rules)];
}

/** One pass over the lines with the units that are open at each. */
class Scan {
  readonly units: OpenUnit[] = [];
  readonly #stack: number[] = [];
  readonly #lines: Lines;
  readonly #rules: OutlineRules;
  /** What ends the string or comment that is open. */
  #inside: string | undefined;
  /** The next place where one begins or ends. */
  #mark: { readonly 0: string; readonly index: number } | undefined;

  constructor(lines: Lines, rules: OutlineRules) {
    this.#lines = lines;
    this.#rules = rules;
    this.#mark = this.#nextMark(0);
  }

  run(): OpenUnit[] {
    for (let line = 0; line < this.#lines.count; line++) {
      const indent = this.#lines.indents[line]!;
      if (indent < 0 || this.#isDirective(line)) continue;
      const wasInside = this.#inside !== undefined;
      this.#followLong(line);
      if (!wasInside) {
        this.#close(line, indent);
        this.#open(line, indent);
      }
      for (const index of this.#stack) this.units[index]!.end = line + 1;
      this.#followSignature(line);
      if (!wasInside) this.#closeAtBrace(line, indent);
    }
    return this.units;
  }

  /** Notes whether a string or comment over lines is open at the line's end. */
  #followLong(line: number): void {
    const { long } = this.#rules;
    if (long === undefined) return;
    const end = this.#lines.endOf(line);
    while (this.#mark !== undefined && this.#mark.index < end) {
      const [mark, at] = [this.#mark[0], this.#mark.index];
      this.#inside = this.#inside === undefined ? long.ends[mark] : undefined;
      this.#mark = this.#nextMark(at + mark.length);
    }
  }

  /** What ends the open string or comment; outside of one the next that may begin one. */
  #nextMark(from: number): { readonly 0: string; readonly index: number } | undefined {
    const { long } = this.#rules;
    if (long === undefined) return undefined;
    if (this.#inside !== undefined) {
      const index = this.#lines.text.indexOf(this.#inside, from);
      return index < 0 ? undefined : { 0: this.#inside, index };
    }
    long.any.lastIndex = from;
    return long.any.exec(this.#lines.text) ?? undefined;
  }

  /** Ends the units that this line is no part of. */
  #close(line: number, indent: number): void {
    const first = this.#lines.text.charCodeAt(this.#firstOf(line));
    const closes = first === 125 || first === 41 || first === 93;
    while (this.#stack.length > 0) {
      const unit = this.units[this.#stack.at(-1)!]!;
      if (indent > unit.indent || line === unit.line) return;
      if (indent === unit.indent && (closes || first === 123)) return;
      if (unit.opened && !this.#isHeader(line)) return;
      if (indent === unit.indent && this.#isEnd(line)) return;
      this.#stack.pop();
    }
  }

  /** Lines for the preprocessor stand at the margin, wherever they are. */
  #isDirective(line: number): boolean {
    if (this.#rules.directives !== true) return false;
    return this.#lines.text.charCodeAt(this.#firstOf(line)) === 35;
  }

  /** Ruby's `end` belongs to what it ends. */
  #isEnd(line: number): boolean {
    if (this.#rules.endWord !== true) return false;
    const at = this.#firstOf(line);
    return /^end\b/.test(this.#lines.text.slice(at, at + 4));
  }

  /** Ends the innermost unit after the line that closes its body. */
  #closeAtBrace(line: number, indent: number): void {
    while (this.#stack.length > 0) {
      const unit = this.units[this.#stack.at(-1)!]!;
      const { opens, closes, last } = this.#braces(line);
      const whole = line === unit.line && !unit.opened && (closes > 0 || last === 59);
      const closed = unit.opened && line > unit.line && indent <= unit.indent && closes > opens;
      const ended = indent === unit.indent && this.#isEnd(line);
      if (!whole && !closed && !(ended && line > unit.line)) return;
      if (this.#rules.body === "indent" && !ended) return;
      this.#stack.pop();
      if (indent === unit.indent) return;
    }
  }

  #followSignature(line: number): void {
    const index = this.#stack.at(-1);
    if (index === undefined) return;
    const unit = this.units[index]!;
    if (unit.opened || unit.signatureEnd > 0) return;
    const { opens, closes, last } = this.#braces(line);
    const ends = this.#rules.body === "braces" ? opens > closes : last === 58;
    if (!ends && line - unit.line < 12) return;
    unit.signatureEnd = line + 1;
    unit.opened = this.#rules.body === "braces" && ends;
  }

  #open(line: number, indent: number): void {
    const found = this.#headerAt(line, indent);
    if (found === undefined) return;
    const parent = this.#stack.at(-1) ?? -1;
    // What is defined inside of a function belongs to the function.
    if (parent >= 0 && this.units[parent]!.kind === "unit") return;
    const start = this.#above(line, indent);
    this.#stack.push(this.units.length);
    this.units.push({
      ...found,
      start,
      line,
      end: line + 1,
      signatureEnd: 0,
      indent,
      parent,
      opened: false,
    });
  }

  #headerAt(
    line: number,
    indent: number,
  ): { name: string; kind: "unit" | "container" } | undefined {
    const { header, bare } = this.#rules;
    if (this.#lines.endOf(line) - this.#lines.starts[line]! > lineLengthMax) return undefined;
    header.lastIndex = this.#lines.starts[line]!;
    const groups = header.exec(this.#lines.text)?.groups;
    if (groups?.container !== undefined) return { name: groups.container, kind: "container" };
    if (groups?.unit !== undefined) return { name: groups.unit, kind: "unit" };
    if (bare === undefined) return undefined;
    const parent = this.#stack.at(-1);
    const inside = parent !== undefined && this.units[parent]!.kind === "container";
    if (!inside && (bare === "inside" || indent > 0)) return undefined;
    const name = this.#bareName(line);
    return name === undefined ? undefined : { name, kind: "unit" };
  }

  #isHeader(line: number): boolean {
    return this.#headerAt(line, this.#lines.indents[line]!) !== undefined;
  }

  /** The word before the first parenthesis of a line that may define a function; linear in its length. */
  #bareName(line: number): string | undefined {
    const { text } = this.#lines;
    const end = this.#lines.endOf(line);
    const first = this.#firstOf(line);
    const parenthesis = text.indexOf("(", first);
    if (parenthesis <= first || parenthesis >= end) return undefined;
    const last = text.slice(first, end).trimEnd().at(-1);
    if (last === ";" || (last === "," && !this.#opensParameters(line))) return undefined;
    const before = text.slice(first, parenthesis);
    if (/[="'`/.?!;]/.test(before)) return undefined;
    const name = /([A-Za-z_$~][\w$]*)[ \t]*(?:<[^<>]*>)?$/.exec(before)?.[1];
    const opening = /^[A-Za-z_]\w*/.exec(before)?.[0] ?? "";
    if (name === undefined || notNames.has(name) || notNames.has(opening)) return undefined;
    return name;
  }

  /** Whether a line that ends with a comma leaves a parenthesis open. */
  #opensParameters(line: number): boolean {
    const text = this.#lines.text.slice(this.#lines.starts[line]!, this.#lines.endOf(line));
    return text.split("(").length > text.split(")").length;
  }

  /** The first of the comment and decorator lines right above a definition. */
  #above(line: number, indent: number): number {
    let start = line;
    while (start > 0 && this.#lines.indents[start - 1]! >= indent) {
      const previous = this.#lines.indents[start - 1]!;
      if (previous > indent + 1) break;
      aboveUnit.lastIndex = this.#lines.starts[start - 1]!;
      if (!aboveUnit.test(this.#lines.text)) break;
      start--;
    }
    return start;
  }

  #firstOf(line: number): number {
    let at = this.#lines.starts[line]!;
    while (this.#lines.text.charCodeAt(at) === 32 || this.#lines.text.charCodeAt(at) === 9) at++;
    return at;
  }

  /** Braces on a line outside of a comment at its end, and its last character. */
  #braces(line: number): { opens: number; closes: number; last: number } {
    const { text } = this.#lines;
    let opens = 0;
    let closes = 0;
    let last = 0;
    for (let at = this.#lines.starts[line]!; at < this.#lines.endOf(line); at++) {
      const code = text.charCodeAt(at);
      if (code === 47 && text.charCodeAt(at + 1) === 47) break;
      if (code === 35 && this.#rules.body === "indent") break;
      if (code === 123) opens++;
      else if (code === 125) closes++;
      if (code > 32) last = code;
    }
    return { opens, closes, last };
  }
}
