// The class of every code point as the pre-tokenizers see it, and where UTF-8 characters begin and end.
// Tables instead of regular expressions: one array read a character, and no backtracking on long runs.

import { letterRuns, numberRuns, punctuationRuns, spaceRuns } from "./unicode-classes.ts";

/** Neither of the classes below: symbols, marks, controls, unassigned. */
export const OTHER = 0;
/** \p{L} */
export const LETTER = 1;
/** \p{N} */
export const NUMBER = 2;
/** \s but for \r and \n */
export const SPACE = 3;
/** \r and \n */
export const NEWLINE = 4;
/** \p{P} */
export const PUNCTUATION = 5;

/** Class of each byte below 0x80; the bytes of longer characters are 0xff. */
export const asciiClass: Uint8Array = makeAsciiClasses();

function makeAsciiClasses(): Uint8Array {
  const classes = new Uint8Array(256).fill(0xff);
  for (let code = 0; code < 0x80; code++) {
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    if (letter) classes[code] = LETTER;
    else if (code >= 0x30 && code <= 0x39) classes[code] = NUMBER;
    else if (code === 0x0a || code === 0x0d) classes[code] = NEWLINE;
    else if (code === 0x20 || (code >= 0x09 && code <= 0x0c)) classes[code] = SPACE;
    else if (code > 0x20 && code < 0x7f && !"$+<=>^`|~".includes(String.fromCharCode(code)))
      classes[code] = PUNCTUATION;
    else classes[code] = OTHER;
  }
  return classes;
}

let table: Uint8Array | undefined;

/** Class of every code point, made when the first character beyond ASCII is met (1.1 MB, 1 ms). */
function codePointClasses(): Uint8Array {
  if (table !== undefined) return table;
  const classes = new Uint8Array(0x110000);
  classes.set(asciiClass.subarray(0, 0x80));
  fillRuns(classes, letterRuns, LETTER);
  fillRuns(classes, numberRuns, NUMBER);
  fillRuns(classes, punctuationRuns, PUNCTUATION);
  fillRuns(classes, spaceRuns, SPACE);
  table = classes;
  return classes;
}

function fillRuns(classes: Uint8Array, runs: string, value: number): void {
  const numbers = runs.split(",");
  let at = 0;
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    const start = at + Number.parseInt(numbers[i]!, 36);
    at = start + Number.parseInt(numbers[i + 1]!, 36);
    classes.fill(value, start, at);
  }
}

/** Bytes of the UTF-8 character that starts with this byte; 1 for a byte that starts none. */
export function characterLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** The code point at a position of valid UTF-8. */
export function codePointAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0xc0) return first;
  const second = bytes[at + 1]! & 0x3f;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  const third = bytes[at + 2]! & 0x3f;
  if (first < 0xf0) return ((first & 0x0f) << 12) | (second << 6) | third;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | (bytes[at + 3]! & 0x3f);
}

/** Class of the character at a position of valid UTF-8. */
export function classAt(bytes: Uint8Array, at: number): number {
  const ascii = asciiClass[bytes[at]!]!;
  return ascii !== 0xff ? ascii : codePointClasses()[codePointAt(bytes, at)]!;
}
