// Chooses how a completion ends: of a few ways to close it or to leave out its last lines, the one with
// which the whole file has the fewest faults. What was given out already stays.

import { orTooMuch, type SyntaxTree } from "../syntax/syntax.ts";
import { Brackets } from "./brackets.ts";
import type { Place } from "./completion.ts";

export interface Unended {
  readonly place: Place;
  /** What was taken, line by line, and how many of these lines were given out. */
  readonly lines: readonly string[];
  readonly given: number;
  /** What the text before the place leaves open. */
  readonly before: Brackets;
  /** Closing brackets after the place that nothing before it opens. */
  readonly closedAfter: number;
}

/** Lines that may be left out at most, one after the other. */
const cutsMax = 4;

/** Languages in which a statement without its semicolon is a fault. */
const semicolons = /^(?:rust|java|c|cpp|csharp|php|css)$/;

/** What follows the lines that were given out. */
export function endOf(unended: Unended): string {
  const { place, lines, given } = unended;
  const start = lines.slice(0, given).join("\n").length;
  return (fewestFaults(place, endings(unended)) ?? "").slice(start);
}

/** Whole texts, the one that keeps most first. */
function* endings(unended: Unended): Generator<string> {
  const { lines, given, place } = unended;
  const counts = Array.from({ length: lines.length - given + 1 }, (_, cut) => lines.length - cut);
  for (const count of new Set([...counts.slice(0, cutsMax), given])) {
    const kept = lines.slice(0, count);
    const closing = closingOf(unended, kept);
    const text = kept.join("\n");
    yield text + closing;
    if (closing !== "") yield text;
    if (count === given) continue;
    if (semicolons.test(place.language?.id ?? "")) yield `${text + closing};`;
    const bare = text.replace(/\s*,\s*$/, "");
    if (bare !== text) yield bare + closing;
  }
}

/** The first of the texts with which the file has the fewest faults; without a grammar, the first. */
function fewestFaults(place: Place, texts: Iterable<string>): string | undefined {
  const { syntax, prefix, suffix } = place;
  const whole = (text: string) => (prefix + text + suffix).replaceAll("\r\n", "\n");
  const tree = syntax && orTooMuch(() => syntax.parse(whole("")));
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    const faults = tree === undefined ? 0 : faultsOf(tree, whole(text));
    if (faults < fewest) [best, fewest] = [text, faults];
    if (fewest === 0) break;
  }
  tree?.close();
  return best;
}

/** How many faults the changed text has; none where it is too much for the grammar. */
function faultsOf(tree: SyntaxTree, text: string): number {
  const changed = orTooMuch(() => tree.edit(text));
  const count = changed?.faults().length ?? 0;
  changed?.close();
  return count;
}

/** What closes the string and the brackets that the lines leave open, as far as nothing else does. */
function closingOf({ place, before, closedAfter }: Unended, lines: readonly string[]): string {
  const brackets = new Brackets(place.language, before);
  for (const [index, line] of lines.entries()) {
    if (index > 0) brackets.endLine();
    brackets.read(line);
  }
  const { open, quote } = brackets;
  const count = Math.max(0, open.length - closedAfter);
  let text = quote ?? "";
  let line = lines.length - 1;
  for (const bracket of open.slice(open.length - count).reverse()) {
    if (bracket.line < line && bracket.within === undefined) {
      const opener = bracket.line === 0 ? lastLine(place.prefix) : lines[bracket.line]!;
      text += `\n${/^[ \t]*/.exec(opener)![0]}`;
      line = bracket.line;
    }
    text += bracket.closer + (bracket.within ?? "");
  }
  return text;
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf("\n") + 1);
}
