// Tells texts that nobody wrote by their shape: endless lines, minified code, data in letters or in
// numbers, marks of generators. Each finding says what was found, so that it can be disputed.

import { headBytes, skippedByContents, skippedByName } from "../../project/skipped.ts";
import type { Language } from "../../syntax/languages.ts";

/** Rules that drop a text, in the order in which they are asked. */
export const shapeRules = ["generated", "long-lines", "minified", "encoded-data"] as const;
export type ShapeRule = (typeof shapeRules)[number];

export interface ShapeOptions {
  readonly path: string | undefined;
  readonly language: Language | undefined;
  /** Characters of a line of code. */
  readonly lineMax: number;
}

/** Texts whose lines are paragraphs: only one without end is a fault. */
const prose = new Set(["markdown", "html", "xml"]);
const proseLineMax = 100_000;

const tests: Record<ShapeRule, (text: string, options: ShapeOptions) => string | undefined> = {
  generated(text, { path = "" }) {
    if (skippedByName(path, 0) === "generated") return "by its name";
    // Its shape is judged by the other rules.
    const head = text.slice(0, headBytes).replaceAll("\0", "").split("\n", 20);
    const short = Buffer.from(head.map((line) => line.slice(0, 2000)).join("\n"));
    return skippedByContents(short) === "generated" ? "says so at its top" : undefined;
  },
  "long-lines"(text, { language, lineMax }) {
    const isCode = language !== undefined && !prose.has(language.id);
    const most = isCode ? lineMax : Math.max(lineMax, proseLineMax);
    const longest = longestLine(text);
    return longest > most ? `a line of ${longest} characters` : undefined;
  },
  minified(text, { language }) {
    if (language === undefined || prose.has(language.id)) return undefined;
    const part = partInLines(text, (line) => line.length > 300);
    return part > 0.5 ? `${percent(part)} in lines of more than 300 characters` : undefined;
  },
  "encoded-data"(text) {
    let length = 0;
    for (const { 0: run } of text.matchAll(encodedRun)) if (isEncoded(run)) length += run.length;
    const encoded = length / Math.max(1, text.length);
    if (encoded > 0.2) return `${percent(encoded)} in base64 or hexadecimal`;
    const numbers = partInLines(text, (line) => line.length >= 20 && numbersLine.test(line));
    return numbers > 0.5 ? `${percent(numbers)} in lines of numbers` : undefined;
  },
};

/** What makes the text one that nobody wrote, and the rule that says so. */
export function findShape(
  text: string,
  options: ShapeOptions,
  asked: ReadonlySet<ShapeRule>,
): { readonly rule: ShapeRule; readonly detail: string } | undefined {
  for (const rule of shapeRules) {
    const detail = asked.has(rule) ? tests[rule](text, options) : undefined;
    if (detail !== undefined) return { rule, detail };
  }
  return undefined;
}

export function longestLine(text: string): number {
  let longest = 0;
  for (let at = 0; at <= text.length; ) {
    const end = text.indexOf("\n", at);
    const next = end < 0 ? text.length : end;
    longest = Math.max(longest, next - at);
    at = next + 1;
  }
  return longest;
}

/** Which part of the characters lies in such lines. */
function partInLines(text: string, isSuch: (line: string) => boolean): number {
  let found = 0;
  for (const line of text.split("\n")) if (isSuch(line)) found += line.length;
  return found / Math.max(1, text.length);
}

const encodedRun = /[A-Za-z0-9+/=_-]{60,}/g;
const numbersLine = /^[\s\d.,;:(){}[\]+\-\\xa-fA-FuUlL'"]*$/;

/** Random enough for data: a ruler of dashes, a path or a long name is none. */
function isEncoded(run: string): boolean {
  if (/^[0-9a-fA-F]+$/.test(run)) return /\d/.test(run) && /[a-fA-F]/.test(run);
  const changes = run.match(/[a-z][A-Z0-9]|[A-Z][a-z0-9]|\d[A-Za-z]/g)?.length ?? 0;
  return changes > run.length / 5;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
