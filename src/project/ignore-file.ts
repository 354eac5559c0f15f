// The patterns of one ignore file, read and matched as git does (gitignore(5)). Names and patterns are
// strings with a byte in each character, as git compares bytes.

import { Glob, lowerCase } from "./glob.ts";

export interface IgnorePattern {
  /** The file that it stands in, as the walk calls it. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** "!": takes what an earlier pattern ignores back in. */
  readonly isNegative: boolean;
}

/** A name that is looked up, prepared once for all files. */
export interface LookedUp {
  /** From the top, with "/"; in lower case where case is ignored. */
  readonly path: string;
  /** Where its last part begins. */
  readonly base: number;
  readonly isFolder: boolean;
}

type Matcher = (name: LookedUp) => boolean;

interface Rule extends IgnorePattern {
  readonly foldersOnly: boolean;
  readonly matches: Matcher;
}

export class IgnoreFile {
  /** Rules that name one file or folder, by that name, the last one first. */
  readonly #named = new Map<string, Rule[]>();
  /** All others, the last one first. */
  readonly #others: Rule[] = [];

  /**
   * `bytes` of the file called `source`; `folder` is where it applies, from the top, "" or with "/" at
   * its end.
   */
  constructor(
    bytes: Uint8Array,
    source: string,
    private readonly folder: string,
    ignoreCase: boolean,
  ) {
    const text = Buffer.from(bytes)
      .toString("latin1")
      .replace(/^\xef\xbb\xbf/, "");
    for (const [index, line] of text.split("\n").entries()) {
      if (line.startsWith("#")) continue;
      const pattern = withoutTrailingSpaces(line.replace(/\r$/, "").split("\0", 1)[0]!);
      this.#add(pattern, { source, line: index + 1 }, ignoreCase);
    }
    this.#others.reverse();
  }

  /** The last pattern that matches, as the last one decides. */
  match(name: LookedUp): IgnorePattern | undefined {
    const { path, base, isFolder } = name;
    const fits = (rule: Rule) => isFolder || !rule.foldersOnly;
    const named =
      this.#named.size === 0 ? undefined : this.#named.get(path.slice(base))?.find(fits);
    const line = named?.line ?? 0;
    for (const rule of this.#others) {
      if (rule.line < line) break;
      if (fits(rule) && rule.matches(name)) return rule;
    }
    return named;
  }

  #add(text: string, place: { source: string; line: number }, ignoreCase: boolean): void {
    const isNegative = text.startsWith("!");
    let pattern = isNegative ? text.slice(1) : text;
    const foldersOnly = pattern.endsWith("/");
    if (foldersOnly) pattern = pattern.slice(0, -1);
    if (pattern === "") return;
    const fold = ignoreCase ? lowerCase : (part: string) => part;
    const common = { ...place, text, isNegative, foldersOnly };
    const literal = literalStart(pattern);
    if (!pattern.includes("/") && literal === pattern.length) {
      const name = fold(pattern);
      const rules = this.#named.get(name) ?? [];
      rules.unshift({ ...common, matches: () => true });
      this.#named.set(name, rules);
      return;
    }
    const matches = pattern.includes("/")
      ? pathMatcher(pattern, literal, fold(this.folder), ignoreCase)
      : nameMatcher(pattern, ignoreCase);
    this.#others.push({ ...common, matches });
  }
}

/** A pattern without "/": of the last part of a path, in any folder. */
function nameMatcher(pattern: string, ignoreCase: boolean): Matcher {
  const rest = pattern.slice(1);
  if (pattern.startsWith("*") && literalStart(rest) === rest.length) {
    const end = ignoreCase ? lowerCase(rest) : rest;
    return ({ path, base }) => path.length - base >= end.length && path.endsWith(end);
  }
  const glob = new Glob(pattern, { path: false, ignoreCase });
  return ({ path, base }) => glob.matches(path, base);
}

/** A pattern with "/": of the whole path from the ignore file's folder on. */
function pathMatcher(
  pattern: string,
  literal: number,
  folder: string,
  ignoreCase: boolean,
): Matcher {
  const from = pattern.startsWith("/") ? 1 : 0;
  const written = pattern.slice(from, Math.max(literal, from));
  const start = folder + (ignoreCase ? lowerCase(written) : written);
  const rest = pattern.slice(Math.max(literal, from));
  if (rest === "") return ({ path }) => path === start;
  const glob = new Glob(rest, { path: true, ignoreCase });
  return ({ path }) => path.startsWith(start) && glob.matches(path, start.length);
}

/** How many bytes of the pattern stand for themselves at its start. */
function literalStart(pattern: string): number {
  const special = pattern.search(/[*?[\\]/);
  return special < 0 ? pattern.length : special;
}

/** Spaces at the end do not count, unless a "\\" is before them. */
function withoutTrailingSpaces(text: string): string {
  if (!text.endsWith(" ")) return text;
  let end = 0;
  for (let at = 0; at < text.length; ) {
    const isEscape = text[at] === "\\";
    const isSpace = text[at] === " ";
    at = Math.min(at + (isEscape ? 2 : 1), text.length);
    if (!isSpace) end = at;
  }
  return text.slice(0, end);
}
