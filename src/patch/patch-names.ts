// File names as the headers of patches write them: quoted as C strings, followed by a tab or a date,
// with leading folders that are not part of the name.

import { patchError } from "./patch.ts";

const nameBytesMax = 8192;

/** How names are read: at a line of the patch, without so many leading folders. */
export interface NameRules {
  readonly line: number;
  readonly strip: number;
}

/** Whether a header names no file. */
export function isNoFile(field: string): boolean {
  return /^\/dev\/null(?:\s|$)/.test(field);
}

/** The name in a git header's field, which a tab may end; undefined where nothing is left of it. */
export function gitName(field: string, rules: NameRules): string | undefined {
  checkLength(field, rules);
  const path = field.startsWith('"') ? unquote(field)?.text : field.split("\t", 1)[0];
  return path === undefined ? undefined : finish(path, rules);
}

/** The name in the header of a plain diff, which a tab or a date may end. */
export function plainName(field: string, rules: NameRules): string | undefined {
  checkLength(field, rules);
  if (field.startsWith('"')) return gitName(field, rules);
  const date = dateOf(field);
  if (date === undefined) return gitName(field, rules);
  return finish(field.slice(0, date.index).replace(/(?:\t|(?<! ) +)$/, ""), rules);
}

/**
 * The name that "diff --git" gives, known only where both sides agree: no mark stands between two
 * names, and each may hold spaces.
 */
export function commonName(field: string, rules: NameRules): string | undefined {
  checkLength(field, rules);
  const name = field.includes('"') ? quotedPair(field, rules) : plainPair(field, rules.strip);
  return name === undefined ? undefined : decoded(name, rules);
}

/** Two names of which at least one is quoted. */
function quotedPair(field: string, { strip }: NameRules): string | undefined {
  const first = unquote(field);
  const left = first?.text ?? field.slice(0, field.indexOf(' "'));
  const rest = field.slice((first?.end ?? left.length) + 1);
  const second = rest.startsWith('"') ? unquote(rest) : { text: rest, end: rest.length };
  if (second?.end !== rest.length) return undefined;
  const name = stripped(left, strip);
  return name === stripped(second.text, strip) ? name : undefined;
}

/** Tries each space as the one between the names; what stands before a name is found in one pass. */
function plainPair(field: string, strip: number): string | undefined {
  const slashes = Array.from(field.matchAll(/\//g), ({ index }) => index);
  const leftStart = strip === 0 ? 0 : (slashes[strip - 1] ?? field.length) + 1;
  let behind = 0;
  for (const { index: space } of field.matchAll(/[ \t]/g)) {
    while (behind < slashes.length && slashes[behind]! < space) behind++;
    const slash = strip === 0 ? space : slashes[behind + strip - 1];
    if (slash === undefined) return undefined;
    const length = field.length - slash - 1;
    if (length === 0 || space - leftStart !== length) continue;
    const name = field.slice(leftStart, space);
    if (name === field.slice(slash + 1)) return name.replace(/\/{2,}/g, "/");
  }
  return undefined;
}

/** Whether the header of a plain diff says that the file began with the epoch: it did not exist. */
export function isEpoch(field: string): boolean {
  const parts = dateOf(field)?.groups;
  if (parts?.zone === undefined || Number(parts.fraction ?? 0) !== 0) return false;
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)/.exec(parts.zone)!;
  const iso = `${parts.date}T${parts.time}${sign}${hours}:${minutes}`;
  return Date.parse(iso) === 0;
}

function dateOf(field: string): RegExpExecArray | undefined {
  const pattern =
    /(?<date>(?:\d\d)?\d\d-\d\d-\d\d) (?<time>\d\d:\d\d:\d\d)(?<fraction>\.\d+)?(?<zone> [+-]\d\d:?\d\d)?$/;
  const date = pattern.exec(field);
  return date !== null && /[\t ]/.test(field[date.index - 1] ?? "") ? date : undefined;
}

function finish(path: string, rules: NameRules): string | undefined {
  const name = stripped(path, rules.strip);
  return name === undefined ? undefined : decoded(name, rules);
}

/** `path` without its first `count` folders; undefined where it has no more than these. */
function stripped(path: string, count: number): string | undefined {
  let start = 0;
  for (let left = count; left > 0; left--) {
    const slash = path.indexOf("/", start);
    if (slash < 0) return undefined;
    start = slash + 1;
  }
  const name = path.slice(start).replace(/\/{2,}/g, "/");
  return name === "" ? undefined : name;
}

function checkLength(field: string, { line }: NameRules): void {
  if (field.length <= nameBytesMax) return;
  throw patchError(line, `a name may have ${nameBytesMax} bytes at most`);
}

function decoded(name: string, { line }: NameRules): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(name, "latin1"),
    );
  } catch {
    throw patchError(line, "a file's name is not UTF-8");
  }
}

const escapes: Record<string, string> = {
  a: "\x07",
  b: "\b",
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  '"': '"',
  "\\": "\\",
};

/** The C string at the start of `field` and where it ends; undefined where it is malformed. */
function unquote(field: string): { text: string; end: number } | undefined {
  const quoted = /^"((?:[^"\\]|\\(?:[abtnvfr"\\]|[0-3][0-7]{2}))*)"/.exec(field);
  if (quoted === null) return undefined;
  const text = quoted[1]!.replace(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
    escaped.length === 3
      ? String.fromCharCode(Number.parseInt(escaped, 8))
      : (escapes[escaped] ?? escaped),
  );
  return { text, end: quoted[0].length };
}
