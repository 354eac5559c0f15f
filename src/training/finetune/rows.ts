// The rows of a data set: an array in a JSON file, JSON lines, or the records of a CSV or TSV file. Each
// comes with its place, so that whoever refuses it can say where it stands.

import { isUtf8 } from "node:buffer";
import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from "node:fs";
import { breathe } from "../../breathe.ts";
import { CromwellError, unreadable } from "../../errors.ts";
import { linesOf } from "../data/json-lines.ts";
import { records } from "./delimited.ts";

export interface Row {
  /** Parsed JSON, or the record's fields by the names of its header. */
  readonly value: unknown;
  /** "data.jsonl: line 12". */
  readonly place: string;
}

/** A file that is parsed as a whole takes several times its size in memory. */
const wholeBytesMax = 256 * 1024 * 1024;
const rowsMax = 10_000_000;

/** Throws CromwellError "input" naming file and row, "interrupted" on the signal. */
export async function* readRows(
  path: string,
  options: { signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Row> {
  let count = 0;
  for await (const row of rowsOf(path, options.signal)) {
    await breathe(options.signal);
    if (++count > rowsMax) throw dataError(path, `more than ${rowsMax} rows`);
    yield row;
  }
  if (count === 0) throw dataError(path, "there are no rows in it");
}

/** What is wrong with a row, or with a whole file. */
export function dataError(place: string, what: string): CromwellError {
  return new CromwellError("input", `${place}: ${what}`);
}

function rowsOf(path: string, signal: AbortSignal | undefined): Iterable<Row> | AsyncIterable<Row> {
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
  if (ending === "jsonl" || ending === "ndjson") return lineRows(path, signal);
  if (ending === "csv") return delimitedRows(path, ",");
  if (ending === "tsv") return delimitedRows(path, "\t");
  if (ending === "json") return startsArray(path) ? arrayRows(path) : lineRows(path, signal);
  throw new CromwellError("usage", `cannot tell the format of ${path}`, {
    hint: "end it in .json, .jsonl, .csv or .tsv",
  });
}

async function* lineRows(path: string, signal: AbortSignal | undefined): AsyncGenerator<Row> {
  requireRegularFile(path);
  let number = 0;
  for await (const line of linesOf(path, chunksOf(path))) {
    await breathe(signal);
    const place = `${path}: line ${++number}`;
    if (!isUtf8(line)) throw dataError(place, "not valid UTF-8");
    const text = Buffer.from(line).toString("utf8");
    if (text.trim() !== "") yield { value: parsed(place, text), place };
  }
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function* arrayRows(path: string): Generator<Row> {
  const all = parsed(path, wholeText(path));
  for (const [index, value] of (all as unknown[]).entries()) {
    yield { value, place: `${path}: row ${index + 1}` };
  }
}

/** Where a header names the columns, they are the fields; else the first is the label, the second the text. */
function* delimitedRows(path: string, delimiter: "," | "\t"): Generator<Row> {
  let header: string[] | undefined;
  for (const { fields, line } of records(path, wholeText(path), delimiter)) {
    const place = `${path}: line ${line}`;
    if (header === undefined) {
      const names = fields.map((field) => field.trim().toLowerCase());
      const isHeader = names.includes("label") && names.includes("text");
      header = isHeader ? names : ["label", "text"];
      if (isHeader) continue;
    }
    if (fields.length !== header.length) {
      throw dataError(place, `${fields.length} fields where ${header.length} are needed`);
    }
    yield { value: Object.fromEntries(header.map((name, at) => [name, fields[at]])), place };
  }
}

function wholeText(path: string): string {
  try {
    if (requireRegularFile(path) > wholeBytesMax) {
      const most = wholeBytesMax / 1024 / 1024;
      throw dataError(path, `more than ${most} MiB: write it as JSON lines (.jsonl)`);
    }
    const bytes = readFileSync(path);
    if (!isUtf8(bytes)) throw dataError(path, "not valid UTF-8");
    return bytes.toString("utf8").replace(/^\ufeff/, "");
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Returns its bytes. Whoever reads a pipe may wait for ever, and a resumed run reads its data again. */
function requireRegularFile(path: string): number {
  try {
    const status = statSync(path);
    if (!status.isFile()) throw new Error("not a regular file");
    return status.size;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Whether a .json file is one array; JSON lines bear that name too. */
function startsArray(path: string): boolean {
  const start = Buffer.alloc(1000);
  requireRegularFile(path);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, start, 0, start.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return /^\ufeff?\s*\[/.test(start.toString("utf8"));
}

function parsed(place: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw dataError(place, `not valid JSON (${(cause as Error).message})`);
  }
}
