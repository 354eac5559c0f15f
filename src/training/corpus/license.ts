// Recognises licences: by an SPDX tag, or by sentences that only the one text has. A text of several
// licences is all of them; one that none of this fits is not recognised, which allows nothing, and what
// says more than the licences that it has is LicenseRef-unknown too.

import { leadingComments } from "./leading-comments.ts";
import { condition, copyleft, harmless, type Mark, marks, restriction } from "./license-marks.ts";
import { isAllowed, isExpression, permissiveLicenses } from "./spdx.ts";

/** As much of a text as can be a licence: the longest common one has 35 KB. */
export const licenseCharactersMax: number = 64 * 1024;

/** As much of a source as its header can take. */
const headerCharactersMax = 4000;

/** Of an expression that what it stands for is not known: it allows nothing. */
export const unknownLicense = "LicenseRef-unknown";

/** Whose the text is may take many lines. */
const copyrightLine = /^[^\w\n]{0,20}(?:portions )?(?:copyright|\(c\)|©).{0,120}$/gim;

/** Beside the texts of its licences a file has a title, a name, a word on its parts. */
const furtherCharactersMax = 500;

/** Without any of these nothing below is found. */
const legalWord =
  /licen[cs]|permission|distribut|[gm]pl|propriet|confidential|secret|unauthori|commerc|creative|consent|internal|copied|sold|restrictions|conditions|\bcc\b/i;

/** Sentences are in English: many such letters say what is not understood here. */
const otherLetters = /[^\p{ASCII}\P{L}]/gu;
const otherLettersMax = 60;

/** To the end of its line or of its comment. */
const tag = /SPDX-License-Identifier:((?:(?!\*\/|-->|\*\)|-\}|#\}|"""|''').)*)/g;

/** The licences of a licence file's text as an SPDX expression; undefined where none is known. */
export function recogniseLicense(text: string): string | undefined {
  const beginning = text.slice(0, licenseCharactersMax);
  const normal = normalised(beginning);
  const found = marks.filter((mark) => fits(mark, normal));
  const licenses = [...tagged(beginning), ...found.map(({ license }) => license)];
  if (licenses.length === 0) return undefined;
  const unsigned = beginning.replace(copyrightLine, " ");
  const isMore =
    saysMore(normal) ||
    text.length > licenseCharactersMax ||
    normalised(unsigned).length > charactersOf(found, normal) ||
    (unsigned.match(otherLetters)?.length ?? 0) > otherLettersMax;
  // One that asks for more than notices is not explained by what else its text says.
  return joined(isMore && licenses.every(isPermissive) ? [...licenses, unknownLicense] : licenses);
}

/**
 * The licence that a source's own header names, by tags and by sentences. What allows a source counts in
 * the comments at its top alone, what forbids it anywhere near them.
 */
export function headerLicense(source: string): string | undefined {
  const beginning = source.slice(0, headerCharactersMax);
  // Most sources name none: looking for one word first is much faster.
  if (!legalWord.test(beginning)) return undefined;
  const comments = leadingComments(beginning);
  const near = named(beginning).filter((license) => !isPermissive(license));
  const licenses = [...named(comments), ...near];
  const said = normalised(comments);
  const isMore = licenses.length > 0 ? saysMore(said) : restriction.test(said);
  const isDoubtful = isMore || copyleft.test(normalised(beginning));
  return joined(
    isDoubtful && licenses.every(isPermissive) ? [...licenses, unknownLicense] : licenses,
  );
}

function named(text: string): string[] {
  const normal = normalised(text);
  const found = marks.filter((mark) => fits(mark, normal));
  return [...tagged(text), ...found.map(({ license }) => license)];
}

function tagged(text: string): string[] {
  return Array.from(text.matchAll(tag), ([, rest]) => {
    const expression = rest!.trim();
    return isExpression(expression) ? expression : unknownLicense;
  });
}

/** Without tags, which are read apart, and the marks that begin the lines of comments. */
function normalised(text: string): string {
  return text
    .replace(tag, " ")
    .replace(/^[ \t]*(?:\/\/+|#+|\*+|--|;+|%+)/gm, " ")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ");
}

function fits({ all, none = [] }: Mark, normal: string): boolean {
  const has = (sentence: string) => normal.includes(sentence);
  return all.every(has) && !none.some(has);
}

/** Whether a text speaks of copyleft or of conditions that no permissive licence has. */
function saysMore(normal: string): boolean {
  const rest = normal.replace(harmless, " ");
  return [copyleft, restriction, condition].some((pattern) => pattern.test(rest));
}

/** As long as a text may be that is nothing but these licences, each as often as it begins. */
function charactersOf(found: readonly Mark[], normal: string): number {
  const longest = new Map<string, number>();
  for (const { license, all, length = Number.POSITIVE_INFINITY } of found) {
    const times = normal.split(all[0]!).length - 1;
    const characters = length > 5000 ? length : length * times;
    longest.set(license, Math.max(longest.get(license) ?? 0, characters));
  }
  return [...longest.values()].reduce((sum, one) => sum + one, furtherCharactersMax);
}

const permissive: ReadonlySet<string> = new Set(permissiveLicenses.map((one) => one.toLowerCase()));

function isPermissive(license: string): boolean {
  return isAllowed(license, permissive);
}

/** All of them together, each once. */
function joined(licenses: readonly string[]): string | undefined {
  const [first, ...rest] = [...new Set(licenses)];
  if (first === undefined || rest.length === 0) return first;
  const within = (one: string) => (/\s/.test(one) && !/^\([^()]*\)$/.test(one) ? `(${one})` : one);
  return [first, ...rest].map(within).join(" AND ");
}

/** What a field of a data set says: an identifier or a list of those that apply. */
export function licenseField(value: unknown): string | undefined {
  const listed = Array.isArray(value) ? value : [value];
  const names = listed.filter((name): name is string => typeof name === "string" && name !== "");
  if (names.length === 0 || names.length < listed.length) return undefined;
  return names.length === 1 ? names[0] : names.map((name) => `(${name})`).join(" AND ");
}
