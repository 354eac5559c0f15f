// The documents of a corpus, one at a time and in an order of their own: the files of a folder that git
// does not ignore, the lines of a JSON lines file, or a file of text. What cannot be read is a drop.

import { createReadStream, type Stats, statSync } from "node:fs";
import { breathe } from "../../breathe.ts";
import { CromwellError, systemReason } from "../../errors.ts";
import type { Document, Drop } from "./document.ts";
import { folderDocuments } from "./folder-documents.ts";
import { jsonDocuments } from "./json-documents.ts";
import { textDocuments } from "./text-documents.ts";

export interface ReadOptions {
  /** The field of a JSON line that holds the text. Default: "text", else "content". */
  readonly textField?: string | undefined;
  /** The field that holds its path. Default: "path", and what known data sets call it. */
  readonly pathField?: string | undefined;
  /** Files that are none of the corpus, as what is about to be written. */
  readonly except?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears what was passed over, and why. */
  readonly onNotice?: ((line: string) => void) | undefined;
}

/** Throws CromwellError "input" for a corpus that cannot be read, "interrupted" on the signal. */
export async function* readDocuments(
  path: string,
  options: ReadOptions,
  onDrop: (drop: Drop) => void,
): AsyncGenerator<Document> {
  const found = statusOf(path).isDirectory()
    ? folderDocuments(path, options, onDrop)
    : fileDocuments(path, options, onDrop);
  for await (const document of found) {
    yield document;
    await breathe(options.signal);
  }
}

function fileDocuments(path: string, options: ReadOptions, onDrop: (drop: Drop) => void) {
  const chunks = readChunks(path, options.signal);
  return /\.(jsonl|ndjson)$/i.test(path)
    ? jsonDocuments(path, chunks, options, onDrop)
    : textDocuments(path, chunks, onDrop);
}

function statusOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): CromwellError {
  if (cause instanceof CromwellError) return cause;
  return new CromwellError("input", `cannot read ${path}: ${systemReason(cause)}`, { cause });
}

/** A file's bytes as they come; what does not end can be interrupted. */
export async function* readChunks(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      await breathe(signal);
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
