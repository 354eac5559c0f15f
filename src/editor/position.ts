// A position in a text as users name it, LINE[:COL] from 1, and the prompt that fills in there.
// Columns count code points; text goes in before the column.

import { CromwellError } from "../errors.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";

export interface Position {
  readonly line: number;
  /** Undefined for the line's end. */
  readonly column: number | undefined;
}

/** Reads "12" or "12:5". Throws CromwellError "usage" for anything else. */
export function parsePosition(text: string): Position {
  const found = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(text);
  const line = Number(found?.[1]);
  const column = found?.[2] === undefined ? undefined : Number(found[2]);
  if (found !== null && line >= 1 && (column === undefined || column >= 1)) return { line, column };
  throw new CromwellError("usage", `--at must be LINE or LINE:COL from 1, not ${quote(text)}`);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}

/**
 * Cuts a text at a position into what stands before and after it. The column after a line's last
 * character is its end. Throws CromwellError "input" for a position that the text does not have.
 */
export function splitAt(
  text: string,
  { line, column }: Position,
): { prefix: string; suffix: string } {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const next = text.indexOf("\n", start);
    if (next < 0) throw new CromwellError("input", `there is no line ${line}: the text has ${at}`);
    start = next + 1;
  }
  const newline = text.indexOf("\n", start);
  const rest = text.slice(start, newline < 0 ? text.length : newline);
  const content = rest.replace(/\r$/, "");
  const at = start + offsetOf(content, line, column);
  return { prefix: text.slice(0, at), suffix: text.slice(at) };
}

/** UTF-16 offset of a column within one line. */
function offsetOf(content: string, line: number, column: number | undefined): number {
  if (column === undefined) return content.length;
  const points = Array.from(content);
  if (column > points.length + 1) {
    throw new CromwellError(
      "input",
      `there is no column ${column} in line ${line}: it has ${points.length} characters`,
    );
  }
  return points.slice(0, column - 1).join("").length;
}

/**
 * The ids of a prompt for the text between two. With fill-in-the-middle tokens: prefix, suffix, then the middle is asked for (Bavarian et al.,
 * 2022). Without them the prefix alone is continued.
 */
export function fillInPrompt(tokenizer: Tokenizer, prefix: string, suffix: string): number[] {
  const middle = tokenizer.fillInTheMiddle;
  if (middle === undefined) return promptIds(tokenizer, prefix);
  return [
    ...startIds(tokenizer),
    middle.prefix,
    ...tokenizer.encode(prefix),
    middle.suffix,
    ...tokenizer.encode(suffix),
    middle.middle,
  ];
}

/** The ids of a plain prompt, with the start token where the model wants one. */
export function promptIds(tokenizer: Tokenizer, text: string): number[] {
  return [...startIds(tokenizer), ...tokenizer.encode(text)];
}

function startIds(tokenizer: Tokenizer): number[] {
  return tokenizer.addBos && tokenizer.bos !== undefined ? [tokenizer.bos] : [];
}
