// The texts that are learnt from, by a tokenizer or a model: the files of a project as git would list them,
// or one file of text or of JSON lines. In pieces, and in an order that no file system changes.

import { isUtf8 } from "node:buffer";
import { lstatSync, readFileSync, type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { breathe } from "../../breathe.ts";
import { CromwellError, systemCode } from "../../errors.ts";
import { nameBytes, systemPath } from "../../project/file-name.ts";
import { headBytes, skippedByContents } from "../../project/skipped.ts";
import { type ProjectFile, walk } from "../../project/walk.ts";
import { type CorpusKind, corpusKind, readChunks } from "./corpus-file.ts";
import { jsonLines } from "./json-lines.ts";
import { cutPoint } from "./text-pieces.ts";

/** A piece of a document, which a folder's file, a line of JSON or a text file is. */
export interface CorpusPiece {
  /** Valid UTF-8, cut where no word is. */
  readonly text: Uint8Array;
  /** Whether a document begins with it. */
  readonly begins: boolean;
  /** The path of the document's file, in the folder where the corpus is one. */
  readonly file: string;
}

/** What was read and what was not. */
export interface CorpusCount {
  /** Files that were read. */
  files: number;
  /** Bytes of text. */
  bytes: number;
  /** Files that were passed over, by reason: binary, huge, generated, not UTF-8, unreadable. */
  readonly leftOut: Map<string, number>;
}

export interface CorpusOptions {
  readonly signal?: AbortSignal | undefined;
  /** A file that is none of the corpus, as what is about to be written. */
  readonly except?: string | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

/**
 * The corpus at `path` in pieces of 64 KiB at most; `count` is kept up to date. Throws
 * CromwellError "input" where it cannot be read, "interrupted" on the signal.
 */
export async function* readCorpus(
  path: string,
  count: CorpusCount,
  options: CorpusOptions = {},
): AsyncGenerator<CorpusPiece> {
  const kind = corpusKind(path);
  const texts =
    kind === "folder" ? folderTexts(path, count, options) : fileTexts(path, kind, count, options);
  let first = true;
  for await (const { text, file } of texts) {
    count.bytes += text.length;
    for (const [at, piece] of cut(text)) {
      yield { text: piece, begins: at === 0 && (first || kind !== "text"), file };
      first = false;
      await breathe(options.signal);
    }
  }
}

type FileText = Pick<CorpusPiece, "text" | "file">;

/** A text in pieces that are worked on in one go, with their places. */
function* cut(text: Uint8Array): Generator<[number, Uint8Array]> {
  let at = 0;
  while (text.length - at > pieceBytes) {
    const end = at + cutPoint(text.subarray(at, at + pieceBytes));
    yield [at, text.subarray(at, end)];
    at = end;
  }
  yield [at, text.subarray(at)];
}

/** The slowest text, one letter again and again, takes a tokenizer a tenth of a second for so many. */
const pieceBytes = 1 << 16;

async function* folderTexts(
  root: string,
  count: CorpusCount,
  { signal, except, onNotice }: CorpusOptions,
): AsyncGenerator<FileText> {
  const found: ProjectFile[] = [];
  for await (const file of walk(root, { signal, onNotice })) found.push(file);
  // The walk's order depends on what git tracks; the same texts must come in the same order.
  found.sort((a, b) => (a.pathBytes < b.pathBytes ? -1 : 1));
  const output = except === undefined ? undefined : statSync(except, { throwIfNoEntry: false });
  for (const file of found) {
    const at = systemPath(join(nameBytes(resolve(root)), file.pathBytes));
    if (output !== undefined && isSame(at, output)) continue;
    const text = file.skipped ?? readText(at);
    if (typeof text !== "string") {
      count.files++;
      yield { text, file: file.path };
    } else count.leftOut.set(text, (count.leftOut.get(text) ?? 0) + 1);
    await breathe(signal);
  }
}

/** Whether a file is the one described, by whatever path. */
function isSame(path: string | Buffer, { dev, ino }: Stats): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.dev === dev && status.ino === ino;
}

/** A file's text, or why it is none. */
function readText(path: string | Buffer): Uint8Array | string {
  try {
    const bytes = readFileSync(path);
    const skipped = skippedByContents(bytes.subarray(0, headBytes));
    if (skipped !== undefined) return skipped;
    return isUtf8(bytes) ? bytes : "not UTF-8";
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return "unreadable";
  }
}

async function* fileTexts(
  path: string,
  kind: CorpusKind,
  count: CorpusCount,
  { signal }: CorpusOptions,
): AsyncGenerator<FileText> {
  count.files = 1;
  const chunks = readChunks(path, signal);
  const texts = kind === "json lines" ? jsonLines(path, chunks) : textPieces(path, chunks);
  for await (const text of texts) yield { text, file: path };
}

/** A long text in pieces that are cut where a line begins, or between characters where none does. */
async function* textPieces(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  let at = 0;
  const checked = (piece: Uint8Array) => {
    if (piece.includes(0) || !isUtf8(piece)) {
      const where = `between byte ${at} and ${at + piece.length}`;
      throw new CromwellError("input", `${path} is not text in UTF-8, ${where}`);
    }
    at += piece.length;
    return piece;
  };
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = cutPoint(bytes);
    if (end > 0) yield checked(bytes.subarray(0, end));
    rest = bytes.slice(end);
  }
  if (rest.length > 0) yield checked(rest);
}
