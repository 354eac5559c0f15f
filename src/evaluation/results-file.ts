// What an evaluation has found so far, one JSON line for each thing that it judged, appended as it is
// found: so that one that was stopped, or killed, goes on where it was.

import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { CromwellError, systemReason, unreadable } from "../errors.ts";

/** What was judged, named by a key, and what was found. */
export type Result = { readonly key: string } & Readonly<Record<string, unknown>>;

export interface ResultsOptions {
  /** What the results depend on; a file of other ones is not continued. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Continue the file where there is one. */
  readonly resume: boolean;
}

/** A larger file is none of ours. */
const bytesMax = 256 * 2 ** 20;

export class ResultsFile {
  readonly path: string;
  readonly #file: number;
  readonly #results: Map<string, Result>;

  private constructor(path: string, file: number, results: Map<string, Result>) {
    this.path = path;
    this.#file = file;
    this.#results = results;
  }

  /**
   * Begins a file, or goes on with one; a last line that was cut off is dropped. Throws CromwellError
   * "usage" for a file that exists and is not to be continued, or is of another evaluation, and "input"
   * for one that cannot be read or written.
   */
  static open(path: string, { settings, resume }: ResultsOptions): ResultsFile {
    const before = read(path);
    if (before !== undefined && before.length > 0 && !resume) {
      throw new CromwellError("usage", `${path} exists already`, {
        hint: "--resume continues it; or name another file",
      });
    }
    const { results, end, isNew } = parse(path, before ?? Buffer.alloc(0), settings);
    let file: number | undefined;
    try {
      file = openSync(path, "a");
      ftruncateSync(file, end);
      if (isNew) append(file, JSON.stringify({ settings }));
      return new ResultsFile(path, file, results);
    } catch (cause) {
      if (file !== undefined) closeSync(file);
      throw unwritable(path, cause);
    }
  }

  /** What was found of it, before or now. */
  get(key: string): Result | undefined {
    return this.#results.get(key);
  }

  /** Throws CromwellError "input" where the disk is full. */
  add(result: Result): void {
    try {
      append(this.#file, JSON.stringify(result));
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
    this.#results.set(result.key, result);
  }

  close(): void {
    try {
      fsyncSync(this.#file);
    } catch (cause) {
      throw unwritable(this.path, cause);
    } finally {
      closeSync(this.#file);
    }
  }
}

function append(file: number, line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function read(path: string): Buffer | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) return undefined;
    if (status.isFile() && status.size <= bytesMax) return readFileSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const most = `${bytesMax / 2 ** 20} MiB`;
  throw new CromwellError("input", `${path} is no regular file of at most ${most}`);
}

interface Parsed {
  readonly results: Map<string, Result>;
  /** Where the last whole line ends. */
  readonly end: number;
  /** There is no first line yet. */
  readonly isNew: boolean;
}

function parse(path: string, bytes: Buffer, settings: ResultsOptions["settings"]): Parsed {
  const end = bytes.lastIndexOf("\n") + 1;
  const results = new Map<string, Result>();
  const lines = bytes.toString("utf8", 0, end).split("\n").slice(0, -1);
  for (const [i, line] of lines.entries()) {
    const value = parseLine(line);
    if (i === 0) requireSame(path, value?.settings, settings);
    else if (typeof value?.key === "string") results.set(value.key, value as Result);
    // A line that a killed process left half, and others were written behind.
  }
  return { results, end, isNew: lines.length === 0 };
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function requireSame(path: string, found: unknown, wanted: ResultsOptions["settings"]): void {
  // Through JSON, which knows no undefined.
  const own = JSON.parse(JSON.stringify(wanted)) as Record<string, unknown>;
  if (typeof found !== "object" || found === null) {
    throw new CromwellError("usage", `${path} is no file of results`, {
      hint: "name another file",
    });
  }
  const before = found as Record<string, unknown>;
  const names = new Set([...Object.keys(own), ...Object.keys(before)]);
  for (const name of names) {
    if (Bun.deepEquals(before[name], own[name])) continue;
    const [was, is] = [before[name], own[name]].map((value) => JSON.stringify(value) ?? "none");
    throw new CromwellError(
      "usage",
      `${path} has results of another ${name}: ${was?.slice(0, 80)}, not ${is?.slice(0, 80)}`,
      { hint: "name another file" },
    );
  }
}

function unwritable(path: string, cause: unknown): CromwellError {
  if (cause instanceof CromwellError) return cause;
  return new CromwellError("input", `cannot write ${path}: ${systemReason(cause)}`, { cause });
}
