// The texts that a model is measured on, each whole: what a corpus for training holds, document by document,
// with the name of each one's file.

import { CromwellError } from "../errors.ts";
import { type CorpusCount, readCorpus } from "../training/data/corpus.ts";

export interface Document {
  /** The path of its file, which tells its language. */
  readonly file: string;
  readonly text: string;
}

export interface DocumentOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

/** Most bytes of one document. */
const bytesMax = 128 * 2 ** 20;

/**
 * The documents of a folder, of a file of JSON lines, or of one text; what was passed over is said. Throws
 * CromwellError "input" where it cannot be read, "interrupted" on the signal.
 */
export async function* readDocuments(
  path: string,
  options: DocumentOptions = {},
): AsyncGenerator<Document> {
  const count: CorpusCount = { files: 0, bytes: 0, leftOut: new Map() };
  let parts: Uint8Array[] = [];
  let length = 0;
  let name = path;
  const whole = () => ({ file: name, text: Buffer.concat(parts).toString("utf8") });
  for await (const { text, begins, file } of readCorpus(path, count, options)) {
    if (begins && length > 0) yield whole();
    if (begins) [parts, length, name] = [[], 0, file];
    parts.push(text);
    length += text.length;
    if (length > bytesMax) {
      throw new CromwellError("input", `${file} has more than ${bytesMax / 2 ** 20} MiB`, {
        hint: "split it, or write it as JSON lines",
      });
    }
  }
  if (length > 0) yield whole();
  const leftOut = Array.from(count.leftOut, ([why, files]) => `${files} ${why}`);
  if (leftOut.length > 0) options.onNotice?.(`left out: ${leftOut.join(", ")}`);
}
