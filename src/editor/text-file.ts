// A text file as the editor sees it: the bytes that were read, their hash, and the text with LF line
// ends. What it leaves out (BOM, line endings, final newline) is put back when an edit is stored.

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { CromwellError, systemReason } from "../errors.ts";
import { alignLines } from "../patch/line-alignment.ts";
import { hashOf } from "../project/file-state.ts";

/** Larger files are refused before they are read: no model's context comes near. */
const bytesMax = 8 * 1024 * 1024;

export interface SourceText {
  /** As the user gave it; "-" for stdin. */
  readonly name: string;
  /** SHA-256 of the bytes that were read, hexadecimal. */
  readonly hash: string;
  /** The whole text as read, BOM and line endings included. */
  readonly raw: string;
  /** The text without BOM, every CRLF as LF. */
  readonly text: string;
}

/**
 * Reads a text file. Throws CromwellError "input" for a missing or unreadable file, a folder, a
 * device, a binary file, text that is not UTF-8, lines that end with CR alone, and a file over 8 MiB.
 */
export function readTextFile(path: string, name = path): SourceText {
  return sourceText(name, readRegularFile(path, name));
}

/** The bytes of a regular file, opened without waiting (a pipe without a writer would block). */
function readRegularFile(path: string, name: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new CromwellError("input", `cannot read ${name}: ${systemReason(cause)}`, { cause });
  }
  try {
    const status = fstatSync(file);
    if (status.isDirectory()) {
      throw new CromwellError("input", `${name} is a folder`, { hint: "name a file in it" });
    }
    if (!status.isFile()) {
      throw new CromwellError("input", `${name} is not a regular file`, {
        hint: "use - to read standard input",
      });
    }
    if (status.size > bytesMax) throw tooLarge(name, status.size);
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof CromwellError) throw cause;
    throw new CromwellError("input", `cannot read ${name}: ${systemReason(cause)}`, { cause });
  } finally {
    closeSync(file);
  }
}

function tooLarge(name: string, size: number): CromwellError {
  const mebibytes = (size / 1024 / 1024).toFixed(1);
  return new CromwellError("input", `${name} is too large to edit (${mebibytes} MiB of at most 8)`);
}

/** Text from bytes, refused as readTextFile does. */
export function sourceText(name: string, bytes: Uint8Array): SourceText {
  if (bytes.length > bytesMax) throw tooLarge(name, bytes.length);
  if (bytes.includes(0)) throw new CromwellError("input", `${name} is a binary file`);
  const raw = decodeUtf8(name, bytes);
  refuseReturns(name, raw);
  return { name, hash: hashOf(bytes), raw, text: normalise(raw) };
}

/** Throws CromwellError "input" for a text that has nothing to edit. */
export function refuseBlank({ name, raw, text }: SourceText): void {
  if (text.trim() !== "") return;
  const what = raw === "" ? "is empty" : "holds only blank lines";
  throw new CromwellError("input", `${name} ${what}: nothing to edit`);
}

/** UTF-8 decoded strictly, a BOM kept; throws CromwellError "input" naming the first wrong byte. */
export function decodeUtf8(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CromwellError("input", `${name} is not UTF-8 text`, {
      hint: "convert it first, for example with iconv",
      cause,
    });
  }
}

/**
 * Refuses a file whose lines end with CR alone: a model would answer with LF, and a diff of what is
 * one line to every tool shows nothing. A few within a file of other ends are text.
 */
function refuseReturns(name: string, raw: string): void {
  const alone = raw.match(/\r(?!\n)/g)?.length ?? 0;
  if (alone === 0 || alone <= raw.split("\n").length - 1) return;
  throw new CromwellError("input", `${name} has lines that end with CR alone`, {
    hint: "convert them first, for example with tr '\\r' '\\n'",
  });
}

function normalise(raw: string): string {
  return raw.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
}

/**
 * The text of `edited` (LF) stored the way `source` was: its BOM, its final newline or the lack of
 * one, and its line endings. A line that was not changed keeps its own ending, a new one takes the
 * ending of the line above it, so a file of mixed endings changes only where it was edited.
 */
export function restore(source: SourceText, edited: string): string {
  const bom = source.raw.startsWith("\uFEFF") ? "\uFEFF" : "";
  const oldLines = splitLines(source.raw.slice(bom.length));
  const newLines = splitLines(withFinalNewlineOf(source.text, edited));
  const contents = newLines.map((line) => line.replace(/\n$/, ""));
  const origin = alignLines(oldLines.map(withoutEnd), contents);
  let ending = oldLines[0]?.endsWith("\r\n") ? "\r\n" : "\n";
  let text = bom;
  for (const [index, line] of newLines.entries()) {
    const from = origin[index];
    const old = from === undefined ? undefined : oldLines[from];
    if (old?.endsWith("\n")) ending = old.endsWith("\r\n") ? "\r\n" : "\n";
    text += line.endsWith("\n") ? contents[index] + ending : line;
  }
  return text;
}

/** `edited` with as many newlines at its end as `original` has. */
function withFinalNewlineOf(original: string, edited: string): string {
  const newlines = /\n*$/.exec(original)![0];
  return edited.replace(/\n+$/, "") + newlines;
}

/** Lines with their ends, as LF or CRLF; the last may have none. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/, "");
}
