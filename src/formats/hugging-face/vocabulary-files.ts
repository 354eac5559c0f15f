// GPT-2's own way to keep a tokenizer, vocab.json and merges.txt, as the tokenizer.json that means the
// same. How text is cut into words stands in neither, so it is read for GPT-2's class of tokenizer only.

import { join } from "node:path";
import { JsonObject, readJsonFile, readTextFile } from "../json-file.ts";
import { modelError } from "../tensor-table.ts";

const vocabularyName = "vocab.json";
const mergesName = "merges.txt";
const addedName = "added_tokens.json";
const classes = ["GPT2Tokenizer", "GPT2TokenizerFast"];
const endOfText = "<|endoftext|>";

/** What the class takes for its special tokens where no file names them. */
export const gpt2SpecialTokens = {
  bos_token: endOfText,
  eos_token: endOfText,
  unk_token: endOfText,
} as const;

/** The folder's tokenizer.json; undefined where the files are not there or of another class. */
export function tokenizerOfFiles(folder: string, tokenizerConfig: unknown): unknown {
  const named = (Object(tokenizerConfig) as { tokenizer_class?: unknown }).tokenizer_class;
  if (named !== undefined && named !== null && !classes.some((known) => known === named)) {
    return undefined;
  }
  const path = join(folder, vocabularyName);
  const vocabulary = readJsonFile(path);
  const merges = readTextFile(join(folder, mergesName));
  if (vocabulary === undefined || merges === undefined) return undefined;
  const ids = new JsonObject(path, vocabulary).entries();
  return {
    added_tokens: addedTokens(folder, ids),
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab: vocabulary, merges: mergesOf(merges) },
  };
}

/** Each line is a pair, but for the first, which may name a version. */
function mergesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.startsWith("#version")) lines.shift();
  return lines.filter((line) => line !== "");
}

/** Those of added_tokens.json, and the end of text, which the vocabulary holds itself. */
function addedTokens(folder: string, vocabulary: readonly (readonly [string, unknown])[]) {
  const path = join(folder, addedName);
  const added = readJsonFile(path);
  const own = vocabulary.filter(([content]) => content === endOfText);
  const more = added === undefined ? [] : new JsonObject(path, added).entries();
  return [...own, ...more].map(([content, id]) => {
    if (typeof id === "number") return { content, id, special: true };
    throw modelError(path, `the id of ${JSON.stringify(content.slice(0, 40))} is no number`);
  });
}
