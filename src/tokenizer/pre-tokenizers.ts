// Cuts text into the words that byte pairs may be merged within, one family of models a scanner.
// Hand-written: every character is looked at a bounded number of times, so no input can be quadratic.

import { CromwellError } from "../errors.ts";
import {
  asciiClass,
  characterLength,
  classAt,
  codePointAt,
  LETTER,
  NEWLINE,
  NUMBER,
  OTHER,
  PUNCTUATION,
  SPACE,
} from "./unicode.ts";

/** End of the word that starts at `at`; always beyond `at`, at most `end`. Bytes are valid UTF-8. */
export type Scanner = (bytes: Uint8Array, at: number, end: number) => number;

const letters = 1 << LETTER;
const numbers = 1 << NUMBER;
const newlines = 1 << NEWLINE;
const white = (1 << SPACE) | newlines;
const symbols = (1 << OTHER) | (1 << PUNCTUATION);

/** End of the run of characters whose class is in the mask. */
function runEnd(bytes: Uint8Array, at: number, end: number, mask: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i]!;
    const ascii = asciiClass[byte]!;
    if (ascii !== 0xff) {
      if (((mask >> ascii) & 1) === 0) return i;
      i++;
    } else {
      if (((mask >> classAt(bytes, i)) & 1) === 0) return i;
      i += characterLength(byte);
    }
  }
  return end;
}

/** End of 's 't 'm 'd 're 've 'll at an apostrophe, or the apostrophe's own position. */
function contractionEnd(bytes: Uint8Array, at: number, end: number, fold: number): number {
  if (at + 1 >= end) return at;
  const first = bytes[at + 1]! | fold;
  if (first === 0x73 || first === 0x74 || first === 0x6d || first === 0x64) return at + 2;
  if (at + 2 >= end) return at;
  // U+017F folds to s, and the published patterns ignore case the Unicode way.
  if (fold !== 0 && bytes[at + 1] === 0xc5 && bytes[at + 2] === 0xbf) return at + 3;
  const second = bytes[at + 2]! | fold;
  if ((first === 0x72 || first === 0x76) && second === 0x65) return at + 3;
  return first === 0x6c && second === 0x6c ? at + 3 : at;
}

/** Start of the last character before `end`. */
function lastCharacter(bytes: Uint8Array, end: number): number {
  let i = end - 1;
  while ((bytes[i]! & 0xc0) === 0x80) i--;
  return i;
}

/** White space before a word: all but its last character, which may belong to the word. */
function spacesBeforeWord(bytes: Uint8Array, at: number, run: number): number {
  const last = lastCharacter(bytes, run);
  return last > at ? last : run;
}

/**
 * GPT-2: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * With digitsApart each \p{N} is cut out first, as starcoder and smollm do.
 */
function gpt2Scanner(digitsApart: boolean): Scanner {
  return (bytes, at, end) => {
    const byte = bytes[at]!;
    let kind = asciiClass[byte]!;
    if (kind === LETTER) return runEnd(bytes, at + 1, end, letters);
    if (kind === 0xff) kind = classAt(bytes, at);
    if (byte === 0x27) {
      const contraction = contractionEnd(bytes, at, end, 0);
      if (contraction > at) return contraction;
    }
    let from = at;
    if (byte === 0x20 && at + 1 < end) {
      const next = classAt(bytes, at + 1);
      if (((white >> next) & 1) === 0 && !(digitsApart && next === NUMBER)) {
        from = at + 1;
        kind = next;
      }
    }
    if (kind === LETTER) return runEnd(bytes, from, end, letters);
    if (kind === NUMBER) {
      return digitsApart ? at + characterLength(byte) : runEnd(bytes, from, end, numbers);
    }
    if (((white >> kind) & 1) === 0) return runEnd(bytes, from, end, symbols);
    const run = runEnd(bytes, at, end, white);
    if (run === end || (digitsApart && classAt(bytes, run) === NUMBER)) return run;
    return spacesBeforeWord(bytes, at, run);
  };
}

/**
 * Llama 3 and Qwen 2, which differ in the digits that may stand together:
 * (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
 * \s*[\r\n]+|\s+(?!\S)|\s+
 */
function llama3Scanner(digitsMax: number): Scanner {
  return (bytes, at, end) => {
    const byte = bytes[at]!;
    let kind = asciiClass[byte]!;
    if (kind === LETTER) return runEnd(bytes, at + 1, end, letters);
    if (kind === 0xff) kind = classAt(bytes, at);
    if (byte === 0x27) {
      const contraction = contractionEnd(bytes, at, end, 0x20);
      if (contraction > at) return contraction;
    }
    const second = at + characterLength(byte);
    if (kind === LETTER) return runEnd(bytes, second, end, letters);
    if (kind === NUMBER) return digitsEnd(bytes, second, end, digitsMax - 1);
    const next = second < end ? classAt(bytes, second) : NEWLINE;
    if (kind !== NEWLINE && next === LETTER) return runEnd(bytes, second, end, letters);
    if (((symbols >> kind) & 1) === 1 || (byte === 0x20 && ((symbols >> next) & 1) === 1)) {
      return runEnd(bytes, runEnd(bytes, second, end, symbols), end, newlines);
    }
    return whiteEnd(bytes, at, end);
  };
}

function digitsEnd(bytes: Uint8Array, at: number, end: number, more: number): number {
  let i = at;
  for (let left = more; left > 0 && i < end && classAt(bytes, i) === NUMBER; left--) {
    i += characterLength(bytes[i]!);
  }
  return i;
}

/** \s*[\r\n]+|\s+(?!\S)|\s+ : up to the last line break of the run if it has one. */
function whiteEnd(bytes: Uint8Array, at: number, end: number): number {
  const run = runEnd(bytes, at, end, white);
  for (let i = run - 1; i >= at; i--) {
    if (bytes[i] === 0x0a || bytes[i] === 0x0d) return i + 1;
  }
  return run === end ? run : spacesBeforeWord(bytes, at, run);
}

function isDeepseekScript(codePoint: number): boolean {
  return (
    (codePoint >= 0x0800 && codePoint <= 0x9fa5) || (codePoint >= 0xac00 && codePoint <= 0xd7ff)
  );
}

/**
 * DeepSeek Coder cuts in turn at [\r\n], \s?\p{L}+, \s?\p{P}+, [一-龥ࠀ-一가-퟿]+ and \p{N}, each within the
 * pieces of the one before. Every cut depends on two neighbours and one character ahead only.
 */
function deepseekCoderScanner(bytes: Uint8Array, at: number, end: number): number {
  let kind = classAt(bytes, at);
  let i = at + characterLength(bytes[at]!);
  if (kind === NEWLINE || kind === NUMBER) return i;
  let script = isDeepseekScript(codePointAt(bytes, at));
  while (i < end) {
    const next = classAt(bytes, i);
    if (next === NEWLINE || next === NUMBER) return i;
    const nextScript = isDeepseekScript(codePointAt(bytes, i));
    if (nextScript !== script) return i;
    const after = i + characterLength(bytes[i]!);
    if (next === LETTER || next === PUNCTUATION) {
      if (kind !== next && kind !== SPACE) return i;
    } else {
      if (kind === LETTER || kind === PUNCTUATION) return i;
      if (next === SPACE && after < end) {
        const ahead = classAt(bytes, after);
        if (ahead === LETTER || ahead === PUNCTUATION) return i;
      }
    }
    kind = next;
    script = nextScript;
    i = after;
  }
  return end;
}

function isApartSymbol(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]!;
  return (
    classAt(bytes, at) === PUNCTUATION ||
    (byte < 0x80 && "$+<=>^~|".includes(String.fromCharCode(byte)))
  );
}

/**
 * What llama.cpp does where a file names no family: cut out [\p{P}$+<=>^~|]+, then GPT-2's pattern,
 * then \p{N}+, then [0-9][0-9][0-9].
 */
function defaultScanner(bytes: Uint8Array, at: number, end: number): number {
  const kind = classAt(bytes, at);
  let i = at + characterLength(bytes[at]!);
  if (isApartSymbol(bytes, at)) {
    while (i < end && isApartSymbol(bytes, i)) i += characterLength(bytes[i]!);
    return i;
  }
  if (kind === NUMBER) {
    if (threeDigits(bytes, at, end)) return at + 3;
    while (i < end && classAt(bytes, i) === NUMBER && !threeDigits(bytes, i, end)) {
      i += characterLength(bytes[i]!);
    }
    return i;
  }
  const next = i < end ? classAt(bytes, i) : NEWLINE;
  if (kind === LETTER || (bytes[at] === 0x20 && next === LETTER)) {
    return runEnd(bytes, i, end, letters);
  }
  const space = bytes[at] === 0x20 && next === OTHER && !isApartSymbol(bytes, i);
  if (kind === OTHER || space) {
    while (i < end && classAt(bytes, i) === OTHER && !isApartSymbol(bytes, i)) {
      i += characterLength(bytes[i]!);
    }
    return i;
  }
  const run = runEnd(bytes, at, end, white);
  return run === end || isApartSymbol(bytes, run) ? run : spacesBeforeWord(bytes, at, run);
}

function threeDigits(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 3 > end) return false;
  for (let i = at; i < at + 3; i++) if (bytes[i]! < 0x30 || bytes[i]! > 0x39) return false;
  return true;
}

export type Family = "gpt-2" | "starcoder" | "llama3" | "qwen2" | "deepseek-coder" | "default";

const scanners: Record<Family, Scanner> = {
  "gpt-2": gpt2Scanner(false),
  starcoder: gpt2Scanner(true),
  llama3: llama3Scanner(3),
  qwen2: llama3Scanner(1),
  "deepseek-coder": deepseekCoderScanner,
  default: defaultScanner,
};

/** Values of tokenizer.ggml.pre, and the family whose words they mean. */
const familyOfName: Record<string, Family> = {
  default: "default",
  "gpt-2": "gpt-2",
  gpt2: "gpt-2",
  "phi-2": "gpt-2",
  mpt: "gpt-2",
  olmo: "gpt-2",
  jais: "gpt-2",
  mellum: "gpt-2",
  starcoder: "starcoder",
  starcoder2: "starcoder",
  smollm: "starcoder",
  refact: "starcoder",
  "command-r": "starcoder",
  codeshell: "starcoder",
  exaone: "starcoder",
  "minerva-7b": "starcoder",
  "llama-bpe": "llama3",
  llama3: "llama3",
  "llama-v3": "llama3",
  "smaug-bpe": "llama3",
  dbrx: "llama3",
  qwen2: "qwen2",
  codeqwen: "qwen2",
  stablelm2: "qwen2",
  "deepseek-r1-qwen": "qwen2",
  "deepseek-coder": "deepseek-coder",
};

/** The family that a value of tokenizer.ggml.pre names; an unknown one is refused by name. */
export function familyNamed(name: string): Family {
  const family = Object.hasOwn(familyOfName, name) ? familyOfName[name] : undefined;
  if (family === undefined) {
    throw new CromwellError(
      "model",
      `pre-tokenizer ${JSON.stringify(name.slice(0, 80))} is unknown`,
      {
        hint: `known: ${Object.keys(familyOfName).join(", ")}`,
      },
    );
  }
  return family;
}

export function scannerOf(family: Family): Scanner {
  return scanners[family];
}
