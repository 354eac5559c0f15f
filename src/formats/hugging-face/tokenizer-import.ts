// Translates tokenizer.json and tokenizer_config.json to GGUF's tokenizer keys, so that a converted
// model tokenises alike. Byte-level BPE, and SentencePiece BPE with byte fallback.

import { CromwellError } from "../../errors.ts";
import { entry, type Metadata } from "../metadata.ts";
import type { StringArray } from "../string-array.ts";
import { modelError } from "../tensor-table.ts";
import { tokenType } from "../token-type.ts";
import { isByteToken, readTokenizerJson, type TokenizerJson } from "./tokenizer-json.ts";
import { metaspaceKey, normalFormKey } from "./tokenizer-keys.ts";

const vocabularyMax = 2 ** 22;

interface Vocabulary {
  readonly tokens: string[];
  readonly types: Int32Array;
}

/**
 * Sets GGUF's tokenizer keys in `metadata` from the parsed JSON files. `vocabularySize` is the
 * model's: ids that no token has are filled with unused ones. `path` names the model in errors.
 * Throws CromwellError "model" for what the tokenizer does not read or GGUF cannot say.
 */
export function translateTokenizer(
  path: string,
  metadata: Metadata,
  vocabularySize: number,
  tokenizerJson: unknown,
  tokenizerConfig: unknown,
): void {
  const where = `${path} (tokenizer.json)`;
  if (vocabularySize > vocabularyMax) {
    throw modelError(where, `a vocabulary of ${vocabularySize} is too large`);
  }
  const read = readNamed(path, tokenizerJson, tokenizerConfig);
  refuseUnwritable(where, read);
  const vocabulary = translateVocabulary(where, read, vocabularySize);
  const pre = read.steps.preTokenizer;
  metadata.set("tokenizer.ggml.model", entry.string(pre === undefined ? "llama" : "gpt2"));
  metadata.set("tokenizer.ggml.pre", entry.string(pre ?? "default"));
  metadata.set("tokenizer.ggml.tokens", entry.strings(vocabulary.tokens));
  if (pre === undefined) {
    const scores = scoresFromMerges(vocabulary, read);
    metadata.set("tokenizer.ggml.scores", entry.array(scores));
  }
  metadata.set("tokenizer.ggml.token_type", entry.array(vocabulary.types));
  if (pre !== undefined) metadata.set("tokenizer.ggml.merges", entry.strings([...read.merges]));
  setSpecialTokens(metadata, read);
  setSteps(metadata, read);
}

/** The files' contents; errors name the model too. */
function readNamed(path: string, tokenizerJson: unknown, tokenizerConfig: unknown): TokenizerJson {
  try {
    return readTokenizerJson(tokenizerJson, tokenizerConfig);
  } catch (cause) {
    if (!(cause instanceof CromwellError)) throw cause;
    const hint = cause.hint === undefined ? {} : { hint: cause.hint };
    throw new CromwellError(cause.code, `${path}: ${cause.message}`, { cause, ...hint });
  }
}

function refuseUnwritable(where: string, read: TokenizerJson): void {
  const { added, ids, merges, steps, wholeWords } = read;
  for (let rank = 0; rank < merges.length; rank++) {
    if (ids.has(joined(merges, rank))) continue;
    const shown = JSON.stringify(merges.get(rank).slice(0, 80));
    throw modelError(where, `merge ${rank}, ${shown}, makes no token of the vocabulary`);
  }
  const stripping = added.find(({ stripsLeft, stripsRight }) => stripsLeft || stripsRight);
  if (stripping !== undefined) {
    const shown = JSON.stringify(stripping.content.slice(0, 80));
    throw modelError(where, `${shown} swallows white space, which GGUF cannot say`);
  }
  const { preTokenizer } = steps;
  if (preTokenizer !== undefined && wholeWords !== (preTokenizer === "llama-bpe")) {
    const what = `ignore_merges ${wholeWords} with the pre-tokenizer ${preTokenizer}`;
    throw modelError(where, `${what}, which GGUF cannot say`);
  }
}

function translateVocabulary(where: string, read: TokenizerJson, size: number): Vocabulary {
  const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
  const types = new Int32Array(size).fill(tokenType.unused);
  for (const [content, id] of read.ids) {
    if (id >= size) {
      const shown = JSON.stringify(content.slice(0, 80));
      throw modelError(where, `token ${shown} has id ${id}, beyond ${size} tokens`);
    }
    tokens[id] = content;
    types[id] = read.byteFallback && isByteToken(content) ? tokenType.byte : tokenType.normal;
  }
  for (const { id, special } of read.added) {
    types[id] = special ? tokenType.control : tokenType.userDefined;
  }
  if (read.modelUnknown !== undefined) types[read.modelUnknown] = tokenType.unknown;
  return { tokens, types };
}

/**
 * SentencePiece joins the pair whose result has the best score: minus the rank of the first merge
 * that makes it gives the same order as the ranks themselves.
 */
function scoresFromMerges({ types }: Vocabulary, { ids, merges }: TokenizerJson): Float32Array {
  const scores = new Float32Array(types.length);
  const last = -merges.length - 1;
  for (const [id, type] of types.entries()) {
    if (type === tokenType.normal) scores[id] = last;
  }
  for (let rank = merges.length - 1; rank >= 0; rank--) {
    const id = ids.get(joined(merges, rank));
    if (id !== undefined) scores[id] = -rank;
  }
  return scores;
}

/** The text that a merge makes. */
function joined(merges: StringArray, rank: number): string {
  return merges.get(rank).replace(" ", "");
}

function setSpecialTokens(metadata: Metadata, read: TokenizerJson): void {
  const ids: [string, number | undefined][] = [
    ["bos_token_id", read.bos],
    ["eos_token_id", read.eos],
    ["unknown_token_id", read.unknown],
    ["padding_token_id", read.padding],
  ];
  for (const [key, id] of ids) {
    if (id !== undefined) metadata.set(`tokenizer.ggml.${key}`, entry.u32(id));
  }
  metadata.set("tokenizer.ggml.add_bos_token", entry.bool(read.addBos));
  metadata.set("tokenizer.ggml.add_eos_token", entry.bool(read.addEos));
  if (read.chatTemplate !== undefined) {
    metadata.set("tokenizer.chat_template", entry.string(read.chatTemplate));
  }
}

function setSteps(metadata: Metadata, { steps }: TokenizerJson): void {
  const { normalForm, onlyIfMissing, spacePrefix } = steps;
  if (normalForm !== undefined) metadata.set(normalFormKey, entry.string(normalForm));
  if (spacePrefix === undefined) return;
  metadata.set("tokenizer.ggml.add_space_prefix", entry.bool(spacePrefix !== "never"));
  // GGUF's own prefix also goes before text that starts with a space; Metaspace's does not.
  if (onlyIfMissing && spacePrefix !== "never") {
    metadata.set(metaspaceKey, entry.string(spacePrefix));
  }
}
