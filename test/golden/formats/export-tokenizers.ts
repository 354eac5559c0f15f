// Writes tokenizer.json and tokenizer_config.json of GGUF vocabularies, for make.py to check with
// Hugging Face's tokenizers. Arguments: a folder, then GGUF files; prints each file's SHA-256.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { exportTokenizer } from "../../../src/formats/hugging-face/tokenizer-export.ts";
import { openModelFile } from "../../../src/formats/model-file.ts";

/** SHA-256 of the tokenizer.json that the program makes of a GGUF file, and its text. */
export function exportedTokenizer(path: string): { sha256: string; json: string; config: string } {
  const files = exportTokenizer(openModelFile(path).metadata);
  if (files === undefined) throw new Error(`${path} has no tokenizer`);
  const json = JSON.stringify(files.tokenizerJson);
  const sha256 = createHash("sha256").update(json).digest("hex");
  return { sha256, json, config: JSON.stringify(files.tokenizerConfig) };
}

if (import.meta.main) {
  const [folder, ...paths] = process.argv.slice(2);
  for (const path of paths) {
    const { sha256, json, config } = exportedTokenizer(path);
    const target = join(folder!, basename(path, ".gguf"));
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, "tokenizer.json"), json);
    writeFileSync(join(target, "tokenizer_config.json"), config);
    console.log(basename(path, ".gguf"), sha256);
  }
}
