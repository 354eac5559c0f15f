// The code that the benchmark and the study learn from: files of folders, a share of each folder's own,
// in an order that does not depend on the machine.

import { readCorpus } from "../../src/training/data/corpus.ts";

/** Texts of the folders, in turn, until they make up `bytes`. */
export async function codeOf(folders: readonly string[], bytes: number): Promise<Uint8Array[]> {
  const texts: Uint8Array[] = [];
  for (const folder of folders) {
    let left = bytes / folders.length;
    const count = { files: 0, bytes: 0, leftOut: new Map<string, number>() };
    for await (const { text } of readCorpus(folder, count)) {
      texts.push(text);
      left -= text.length;
      if (left <= 0) break;
    }
  }
  return texts;
}
