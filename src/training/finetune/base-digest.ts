// What tells one base model from another: a run that goes on with adapters, references or half of the
// weights must find the model that it began with, not one that came to its path since.

import { createReadStream } from "node:fs";
import { breathe } from "../../breathe.ts";
import { unreadable } from "../../errors.ts";
import type { ModelFile } from "../../formats/model-file.ts";

/** SHA-256 of the files with the weights and of config.json; what tokenizers say is seen in the data. */
export async function baseDigest(
  { files, embedded, configJson = null }: ModelFile,
  signal?: AbortSignal,
): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  hash.update(JSON.stringify(configJson));
  for (const { path, size: whole } of files) {
    const { offset: start, size } = embedded?.model ?? { offset: 0, size: whole };
    hash.update(`\n${size}\n`);
    const part = { start, end: start + size - 1, highWaterMark: 1 << 20 };
    try {
      for await (const chunk of createReadStream(path, part)) {
        hash.update(chunk);
        await breathe(signal);
      }
    } catch (cause) {
      throw unreadable(path, cause);
    }
  }
  return hash.digest("hex");
}
