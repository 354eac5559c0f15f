// Records of CSV and TSV files, with the quotes of RFC 4180 as Python's csv and pandas read them: a field
// that begins with a quote goes on to the next one, over delimiters and lines.

import { dataError } from "./rows.ts";

export interface DelimitedRecord {
  readonly fields: string[];
  /** Of its first character, from 1. */
  readonly line: number;
}

/** Empty lines are no records. Throws CromwellError "input" where a quote is never closed. */
export function* records(
  path: string,
  text: string,
  delimiter: "," | "\t",
): Generator<DelimitedRecord> {
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const start = line;
    const fields: string[] = [];
    for (let more = true; more; ) {
      const { field, end, lines } = readField(text, at, delimiter);
      if (end < 0) throw dataError(`${path}: line ${line}`, "a quote that is never closed");
      fields.push(field);
      line += lines;
      more = text[end] === delimiter;
      at = end + 1;
    }
    line++;
    if (fields.length > 1 || fields[0] !== "") yield { fields, line: start };
  }
}

/** The field from `at` on: its text, where it ends (-1: nowhere), and the line ends within it. */
function readField(text: string, at: number, delimiter: string) {
  let field = "";
  let lines = 0;
  let rest = at;
  if (text[at] === '"') {
    for (rest = at + 1; ; ) {
      const quote = text.indexOf('"', rest);
      if (quote < 0) return { field, end: -1, lines };
      const part = text.slice(rest, quote);
      lines += part.split("\n").length - 1;
      field += part;
      rest = quote + 1;
      if (text[rest] !== '"') break;
      field += '"';
      rest++;
    }
  }
  let end = rest;
  while (end < text.length && text[end] !== delimiter && text[end] !== "\n") end++;
  const tail = text.slice(rest, end);
  field += text[end] === delimiter ? tail : tail.replace(/\r$/, "");
  return { field, end, lines };
}
