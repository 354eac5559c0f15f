// Cheap checks that an edit did not break a file: brackets and strings that close, Python's
// indentation, and no function or class lost on the way. They are no parser and do not claim to be.

import { type Language, type Lexical, python } from "./languages.ts";

export interface Checks {
  /** Whether the edited text parses; null while nothing here can judge it. */
  readonly parses: boolean | null;
  /** Whether brackets, strings and (Python) indentation close; null for an unknown language. */
  readonly balanced: boolean | null;
}

/** What the checks found; `refused` says why the edit must not be offered. */
export interface Verdict {
  readonly checks: Checks;
  readonly refused?: string;
}

/**
 * Judges `after` against `before`. A fault that the original had already does not count: a broken
 * file can be edited. `named` says whether a name stands in the instruction, which may then go.
 */
export function judge(
  before: string,
  after: string,
  language: Language | undefined,
  named: (name: string) => boolean,
): Verdict {
  const lost = lostDefinitions(before, after, named);
  if (language?.lexical === undefined) return verdict({ parses: null, balanced: null }, lost);
  const fault = findFault(after, language);
  const checks: Checks = { parses: null, balanced: fault === undefined };
  if (fault !== undefined && findFault(before, language) === undefined) {
    return verdict(checks, `the answer is not well formed: ${fault}`);
  }
  return verdict(checks, lost);
}

function verdict(checks: Checks, refused: string | undefined): Verdict {
  return refused === undefined ? { checks } : { checks, refused };
}

const definition = /^[ \t]*(?:export )?(?:async )?(def|class|function|func|fn) +([A-Za-z_]\w*)/gm;

function lostDefinitions(
  before: string,
  after: string,
  named: (name: string) => boolean,
): string | undefined {
  const kept = new Set(Array.from(after.matchAll(definition), (found) => found[2]));
  for (const [, kind, name] of before.matchAll(definition)) {
    if (!kept.has(name) && !named(name!)) return `the answer loses ${kind} ${name}`;
  }
  return undefined;
}

/** The first fault of a text, in words with its line; undefined where none is found. */
export function findFault(text: string, language: Language): string | undefined {
  if (language.lexical === undefined) return undefined;
  const scan = scanBrackets(text, language.lexical);
  if ("fault" in scan) return scan.fault;
  return language === python ? indentationFault(text, scan.lineStarts) : undefined;
}

interface Scan {
  /** For each line whether it starts a statement: not inside brackets, a string or a comment. */
  readonly lineStarts: readonly boolean[];
}

const pairs: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** Walks the text once, skipping strings and comments, matching brackets. */
function scanBrackets(text: string, language: Lexical): Scan | { fault: string } {
  const open: { bracket: string; line: number }[] = [];
  const lineStarts = [true];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const character = text[at]!;
    const skipped = skip(text, at, language);
    if (skipped === "open") return { fault: `a string on line ${line} does not end` };
    if (skipped > at) {
      for (const _ of text.slice(at, skipped).matchAll(/\n/g)) {
        lineStarts.push(false);
        line++;
      }
      at = skipped;
      continue;
    }
    if (character === "\n") {
      lineStarts.push(open.length === 0 && text[at - 1] !== "\\");
      line++;
    } else if ("([{".includes(character)) {
      open.push({ bracket: character, line });
    } else if (character in pairs && open.pop()?.bracket !== pairs[character]) {
      return { fault: `${character} on line ${line} closes nothing` };
    }
    at++;
  }
  const left = open.pop();
  if (left !== undefined) return { fault: `${left.bracket} on line ${left.line} is not closed` };
  return { lineStarts };
}

/** Where the string or comment that starts at `at` ends; `at` itself where none starts. */
function skip(text: string, at: number, language: Lexical): number | "open" {
  if (language.lineComments.some((start) => text.startsWith(start, at))) {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  const [start, stop] = language.blockComment ?? ["", ""];
  if (start !== "" && text.startsWith(start, at)) {
    const end = text.indexOf(stop, at + start.length);
    return end < 0 ? "open" : end + stop.length;
  }
  // Looked at only where one may start: the pattern looks back, which costs at every place.
  if (language.literal !== undefined && "'/".includes(text[at]!)) {
    language.literal.lastIndex = at;
    const found = language.literal.exec(text);
    if (found !== null) return at + found[0].length;
  }
  for (const quote of language.longQuotes) {
    if (text.startsWith(quote, at)) return endOfString(text, at, quote, true);
  }
  for (const quote of language.quotes) {
    if (text.startsWith(quote, at)) return endOfString(text, at, quote, false);
  }
  return at;
}

function endOfString(text: string, at: number, quote: string, long: boolean): number | "open" {
  for (let i = at + quote.length; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text.startsWith(quote, i)) return i + quote.length;
    else if (text[i] === "\n" && !long) return "open";
  }
  return "open";
}

const blockOpener =
  /^(def|class|if|elif|else|for|while|try|except|finally|with|async|match|case)\b.*/;

/** Python's rule of blocks: deeper only after a colon, and back only to a level that was open. */
function indentationFault(text: string, lineStarts: readonly boolean[]): string | undefined {
  const levels = [0];
  let expectDeeper = false;
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const content = line.trimStart();
    if (!lineStarts[index] || content === "" || content.startsWith("#")) continue;
    const indent = columns(line.slice(0, line.length - content.length));
    const level = levels.at(-1)!;
    if (expectDeeper && indent <= level) return `line ${index + 1} should be indented further`;
    if (!expectDeeper && indent > level && index > 0) {
      return `line ${index + 1} is indented too far`;
    }
    if (indent > level) levels.push(indent);
    while (indent < levels.at(-1)!) levels.pop();
    if (levels.at(-1) !== indent) return `the indentation of line ${index + 1} fits no block`;
    expectDeeper = opensBlock(lines, lineStarts, index);
  }
  return expectDeeper ? "the last block is empty" : undefined;
}

function columns(indent: string): number {
  let width = 0;
  for (const character of indent) width = character === "\t" ? width - (width % 8) + 8 : width + 1;
  return width;
}

/** Whether the statement that starts at `index` ends in a colon, its comment aside. */
function opensBlock(
  lines: readonly string[],
  lineStarts: readonly boolean[],
  index: number,
): boolean {
  if (!blockOpener.test(lines[index]!.trimStart())) return false;
  let last = index;
  while (last + 1 < lines.length && !lineStarts[last + 1]) last++;
  return /:\s*(#.*)?$/.test(lines[last]!);
}
