// Takes the licence off the top of a source: comments that speak of copyright before anything else is
// said. A model need not learn to begin each file with them.

import type { Language } from "../../syntax/languages.ts";

/** What such a comment speaks of. */
const legal = /copyright|\(c\)\s+\d{4}|licen[cs]e|SPDX-|all rights reserved|redistribution/i;

/** Lines that must stay first: how to run the file, and how to read it. */
const first = /^(?:#!.*|<\?php|<\?xml.*\?>|#.*coding[:=].*|["']use strict["'];?)$/;

const blocks: readonly (readonly [start: RegExp, end: string])[] = [
  [/^\/\*/, "*/"],
  [/^<!--/, "-->"],
  [/^\(\*/, "*)"],
  [/^\{-/, "-}"],
];

/** A header is not longer: what is behind is the file's own. */
const headerLinesMax = 400;

export function withoutLicenseHeader(text: string, language?: Language | undefined): string {
  const lines = text.split("\n", headerLinesMax);
  let start = 0;
  while (start < lines.length && first.test(lines[start]!.trimEnd())) start++;
  let end = start;
  for (;;) {
    const next = skipBlank(lines, end);
    const after = commentEnd(lines, next, language);
    if (after === next || !legal.test(lines.slice(next, after).join("\n"))) break;
    end = after;
  }
  if (end === start) return text;
  end = skipBlank(lines, end);
  const removed = lines.slice(start, end).join("\n").length + 1;
  const kept = lines.slice(0, start).map((line) => `${line}\n`);
  const from = kept.join("").length;
  return kept.join("") + text.slice(from + removed);
}

function skipBlank(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at]!.trim() === "") at++;
  return at;
}

/** The line behind the comment that begins at `from`; `from` where there is none, or no end of it. */
function commentEnd(lines: readonly string[], from: number, language?: Language): number {
  const line = lines[from]?.trimStart();
  if (line === undefined) return from;
  for (const [start, end] of blocks) {
    if (start.test(line)) return blockEnd(lines, from, end);
  }
  const marker = language?.lineComment ?? /^(?:#|\/\/|--|;|%)/.exec(line)?.[0];
  if (marker === undefined) return from;
  let at = from;
  while (at < lines.length && lines[at]!.trimStart().startsWith(marker)) at++;
  // A comment that goes on to the end of what is looked at is no header.
  return at === headerLinesMax ? from : at;
}

/** A block that ends within a line of code stays whole. */
function blockEnd(lines: readonly string[], from: number, end: string): number {
  for (let at = from; at < lines.length; at++) {
    const found = lines[at]!.indexOf(end, at === from ? 2 : 0);
    if (found >= 0) return lines[at]!.slice(found + end.length).trim() === "" ? at + 1 : from;
  }
  return from;
}
