// The tokenizer of a model that is to be trained: from the tokenizer.json that `cromwell tokenizer train`
// writes, or out of another model; as the keys that the model's own file will have.

import { dirname, join } from "node:path";
import { CromwellError } from "../errors.ts";
import { openModelAlone } from "../formats/checkpoint.ts";
import { planGguf } from "../formats/gguf-plan.ts";
import { translateTokenizer } from "../formats/hugging-face/tokenizer-import.ts";
import { readJsonFile } from "../formats/json-file.ts";
import { Metadata, type MetadataEntry } from "../formats/metadata.ts";
import { StringArray } from "../formats/string-array.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { endOfDocument } from "./data/token-writer.ts";

export type Keys = readonly (readonly [string, MetadataEntry])[];

const isTokenizerKey = (key: string) => /^(tokenizer|cromwell\.tokenizer)\./.test(key);

/** The tokenizer's keys in a model file's metadata. */
export function tokenizerKeys(metadata: Iterable<readonly [string, MetadataEntry]>): Keys {
  return [...metadata].filter(([key]) => isTokenizerKey(key));
}

/** Reads a tokenizer.json, or takes a model's. Throws CromwellError naming the file. */
export async function readVocabulary(path: string, signal?: AbortSignal): Promise<Keys> {
  if (!path.endsWith(".json")) {
    return tokenizerKeys(planGguf(await openModelAlone(path, signal), undefined).metadata);
  }
  const json = readJsonFile(path);
  if (json === undefined) {
    throw new CromwellError("input", `cannot read ${path}: no such file or folder`, {
      hint: "`cromwell tokenizer train` makes one",
    });
  }
  const tokenizer = Tokenizer.fromJson(json, {});
  const end = endOfDocument(tokenizer);
  // Without a tokenizer_config.json beside it nothing else says which token ends a text.
  const fallback = end === undefined ? {} : { eos_token: tokenizer.piece(end) };
  const config = readJsonFile(join(dirname(path), "tokenizer_config.json")) ?? fallback;
  const metadata = new Metadata(path);
  translateTokenizer(path, metadata, tokenizer.size, json, config);
  return [...metadata.entries()];
}

/** The same for equal tokenizers, whatever file they come from. */
export function digestOfKeys(keys: Keys): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const [key, { value }] of [...keys].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${key}\n`);
    if (value instanceof StringArray) {
      for (let i = 0; i < value.length; i++) hash.update(value.bytes(i)).update("\n");
    } else if (ArrayBuffer.isView(value)) hash.update(value);
    else hash.update(String(value));
  }
  return hash.digest("hex");
}
