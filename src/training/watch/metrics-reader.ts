// Reads metrics.jsonl while it may still grow: whole lines only, a piece at a time, from wherever the
// last look ended.

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { breathe } from "../../breathe.ts";
import { CromwellError, unreadable } from "../../errors.ts";
import { type MetricsRecord, parseRecord } from "./metrics-record.ts";

export const metricsName = "metrics.jsonl";

/** A line that is longer is none of ours. */
const lineBytesMax = 4 * 1024 * 1024;
const chunkBytes = 256 * 1024;

export interface PlacedRecord {
  /** undefined for a line that is damaged, or of a kind not known here. */
  readonly record: MetricsRecord | undefined;
  readonly line: string;
  /** Where its line starts and where the next one does, in bytes. */
  readonly start: number;
  readonly end: number;
}

/**
 * The records of the whole lines from byte `from` on. Throws CromwellError "input" where the file cannot
 * be read, is a folder or a pipe, or has a line of more than 4 MiB, and "interrupted" on the signal.
 */
export async function* readMetrics(
  path: string,
  { from = 0, signal }: { from?: number; signal?: AbortSignal | undefined } = {},
): AsyncGenerator<PlacedRecord> {
  const file = open(path);
  try {
    let start = from;
    let rest: Uint8Array = new Uint8Array(0);
    for (;;) {
      const chunk = new Uint8Array(chunkBytes);
      const count = read(path, file, chunk, start + rest.length);
      if (count === 0) return;
      const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
      let at = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, at)) {
        const line = bytes.toString("utf8", at, end);
        yield { record: parseRecord(line), line, start: start + at, end: start + end + 1 };
        at = end + 1;
        await breathe(signal);
      }
      start += at;
      rest = bytes.subarray(at);
      if (rest.length > lineBytesMax) throw tooLong(path);
    }
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    // A pipe that nobody writes to must not be waited for.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw new CromwellError("input", `cannot read ${path}: it is no file`);
}

function read(path: string, file: number, into: Uint8Array, from: number): number {
  try {
    return readSync(file, into, 0, into.length, from);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function tooLong(path: string): CromwellError {
  const what = `it has a line of more than ${lineBytesMax / 1024 / 1024} MiB`;
  return new CromwellError("input", `${path} is no file of metrics: ${what}`);
}
