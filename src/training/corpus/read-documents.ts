// The documents of a corpus, one at a time and in an order of their own: the files of a folder that git
// does not ignore, the lines of a JSON lines file, or a file of text. What cannot be read is a drop.

import { breathe } from "../../breathe.ts";
import { type CorpusKind, corpusKind, readChunks } from "../data/corpus-file.ts";
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
  const kind = corpusKind(path);
  const found =
    kind === "folder"
      ? folderDocuments(path, options, onDrop)
      : fileDocuments(path, kind, options, onDrop);
  for await (const document of found) {
    yield document;
    await breathe(options.signal);
  }
}

function fileDocuments(
  path: string,
  kind: CorpusKind,
  options: ReadOptions,
  onDrop: (drop: Drop) => void,
) {
  const chunks = readChunks(path, options.signal);
  return kind === "json lines"
    ? jsonDocuments(path, chunks, options, onDrop)
    : textDocuments(path, chunks, onDrop);
}
