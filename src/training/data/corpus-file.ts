// A corpus as the file system has it: whether a path is a folder, JSON lines or a text, and the bytes of a
// file as they come. What cannot be read is said by its path.

import { createReadStream, statSync } from "node:fs";
import { breathe } from "../../breathe.ts";
import { unreadable } from "../../errors.ts";

/** What stands at a path: many documents, or one text from beginning to end. */
export type CorpusKind = "folder" | "json lines" | "text";

/** Bytes that are read at a time. */
const chunkBytes = 1 << 20;

/** Throws CromwellError "input" where nothing can be read. */
export function corpusKind(path: string): CorpusKind {
  try {
    if (statSync(path).isDirectory()) return "folder";
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return /\.(jsonl|ndjson)$/i.test(path) ? "json lines" : "text";
}

/** A file's bytes; what does not end can be interrupted. */
export async function* readChunks(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
      await breathe(signal);
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
