// Which documents of a corpus are trained on and which are kept for validation: by the hash of their
// text, so that a copy falls on the same side and a new file moves no other; a single text is cut once.

import { statSync } from "node:fs";
import { type CorpusCount, type CorpusOptions, readCorpus } from "./corpus.ts";
import { corpusKind } from "./corpus-file.ts";
import { cutPoint } from "./text-pieces.ts";

export interface DocumentPiece {
  /** Valid UTF-8. */
  readonly text: Uint8Array;
  /** Whether a document begins with it. */
  readonly begins: boolean;
  readonly validation: boolean;
}

/** The pieces of a corpus, of which about `share` is for validation. */
export async function* readDocuments(
  path: string,
  share: number,
  count: CorpusCount,
  options: CorpusOptions = {},
): AsyncGenerator<DocumentPiece> {
  if (corpusKind(path) === "text") return yield* cutOnce(path, share, count, options);
  let validation = false;
  for await (const { text, begins } of readCorpus(path, count, options)) {
    if (begins) validation = fraction(text) < share;
    yield { text, begins, validation };
  }
}

/** A number in [0, 1) that a document's text gives; of a long one, its first piece. */
function fraction(text: Uint8Array): number {
  const digest = new Bun.CryptoHasher("sha256").update(text).digest();
  return digest.readUInt32LE(0) / 2 ** 32;
}

/** One text: its end is for validation. */
async function* cutOnce(
  path: string,
  share: number,
  count: CorpusCount,
  options: CorpusOptions,
): AsyncGenerator<DocumentPiece> {
  const end = Math.floor(statSync(path).size * (1 - share));
  let at = 0;
  let cut = share === 0;
  for await (const { text, begins } of readCorpus(path, count, options)) {
    const last = at + text.length;
    if (cut || last <= end) yield { text, begins, validation: cut && share > 0 };
    else {
      // Where the text is cut the rest begins anew: nothing before it is seen in validation.
      cut = true;
      const length = end === at ? 0 : cutPoint(text.subarray(0, end - at + 1));
      if (length > 0) yield { text: text.subarray(0, length), begins, validation: false };
      yield { text: text.subarray(length), begins: true, validation: true };
    }
    at = last;
  }
}
