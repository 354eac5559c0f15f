// Text from files, made safe for a terminal, and numbers made readable. A model's metadata may hold
// anything, escape sequences included.

import type { CromwellError } from "../errors.ts";

/** Controls, and the marks that reorder what follows them, as visible escapes. */
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

const short: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** `text` on one line, at most `limit` characters of it, that moves no cursor and hides nothing. */
export function visible(text: string, limit = Number.POSITIVE_INFINITY): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(unsafe, (character) => short[character] ?? unicodeEscape(character));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Bytes in units of a thousand, as disks and networks count. */
export function readableBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

/** Lines of "name  value", the values in one column. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join("");
}

/** A whole number with its thousands apart. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/** An error's message and hint on one line, safe for a terminal. */
export function errorLine({ message, hint }: CromwellError): string {
  return visible(hint === undefined ? message : `${message}; ${hint}`);
}
