// Translates tokenizer.json and tokenizer_config.json to GGUF's tokenizer keys, so that a converted
// model tokenises alike. Byte-level BPE, and SentencePiece BPE with byte fallback.

import { JsonObject } from "../json-file.ts";
import { entry, type Metadata } from "../metadata.ts";
import { modelError } from "../tensor-table.ts";
import { tokenType } from "../token-type.ts";
import { components } from "./components.ts";
import { preTokenizerName } from "./pre-tokenizers.ts";

const vocabularyMax = 2 ** 22;

interface Vocabulary {
  readonly tokens: string[];
  readonly types: Int32Array;
  /** Content to id. */
  readonly ids: Map<string, number>;
}

/**
 * Sets GGUF's tokenizer keys in `metadata` from the parsed JSON files. `vocabularySize` is the
 * model's: ids that no token has are filled with unused ones. `path` names the model in errors.
 */
export function translateTokenizer(
  path: string,
  metadata: Metadata,
  vocabularySize: number,
  tokenizerJson: unknown,
  tokenizerConfig: unknown,
): void {
  const where = `${path} (tokenizer.json)`;
  const tokenizer = new JsonObject(where, tokenizerJson);
  const config = new JsonObject(`${path} (tokenizer_config.json)`, tokenizerConfig ?? {});
  const model = tokenizer.object("model");
  if (model === undefined || model.string("type", "BPE") !== "BPE") {
    throw modelError(where, "only BPE tokenizers can be converted");
  }
  const sentencePiece = model.boolean("byte_fallback", false);
  const vocabulary = readVocabulary(where, tokenizer, model, vocabularySize, sentencePiece);
  const merges = readMerges(where, model);
  if (sentencePiece) {
    metadata.set("tokenizer.ggml.model", entry.string("llama"));
    metadata.set("tokenizer.ggml.pre", entry.string("default"));
  } else {
    const pre = preTokenizerName(tokenizer.get("pre_tokenizer"));
    if (pre === undefined) throw modelError(where, "pre_tokenizer is not one that is supported");
    metadata.set("tokenizer.ggml.model", entry.string("gpt2"));
    metadata.set("tokenizer.ggml.pre", entry.string(pre));
  }
  metadata.set("tokenizer.ggml.tokens", entry.strings(vocabulary.tokens));
  if (sentencePiece) {
    metadata.set("tokenizer.ggml.scores", entry.array(scoresFromMerges(vocabulary, merges)));
  }
  metadata.set("tokenizer.ggml.token_type", entry.array(vocabulary.types));
  if (!sentencePiece) {
    const lines = merges.map(([left, right]) => `${escapeSpaces(left)} ${escapeSpaces(right)}`);
    metadata.set("tokenizer.ggml.merges", entry.strings(lines));
  }
  setSpecialTokens(metadata, tokenizer, config, vocabulary, sentencePiece);
}

function readVocabulary(
  path: string,
  tokenizer: JsonObject,
  model: JsonObject,
  size: number,
  sentencePiece: boolean,
): Vocabulary {
  if (size > vocabularyMax) throw modelError(path, `a vocabulary of ${size} is too large`);
  const tokens = new Array<string | undefined>(size).fill(undefined);
  const types = new Int32Array(size).fill(tokenType.unused);
  const ids = new Map<string, number>();
  const unknown = model.get("unk_token");
  const add = (content: unknown, id: unknown, type: number) => {
    if (typeof content !== "string" || typeof id !== "number" || !Number.isInteger(id)) {
      throw modelError(path, `token ${JSON.stringify(content)} has no id`);
    }
    if (id < 0 || id >= size) {
      throw modelError(
        path,
        `token ${JSON.stringify(content)} has id ${id}, beyond ${size} tokens`,
      );
    }
    tokens[id] = content;
    types[id] = type;
    ids.set(content, id);
  };
  for (const [content, id] of model.object("vocab")?.entries() ?? []) {
    const isByte = sentencePiece && /^<0x[0-9A-F]{2}>$/.test(content);
    const type = isByte ? tokenType.byte : tokenType.normal;
    add(content, id, content === unknown ? tokenType.unknown : type);
  }
  const added = tokenizer.get("added_tokens") ?? [];
  if (!Array.isArray(added)) throw modelError(path, "added_tokens is not a list");
  for (const value of added) {
    const token = new JsonObject(path, value, "added_tokens");
    const content = token.string("content");
    const type = token.boolean("special", false) ? tokenType.control : tokenType.userDefined;
    add(content, token.get("id"), content === unknown ? tokenType.unknown : type);
  }
  return { tokens: Array.from(tokens, (token, id) => token ?? `[PAD${id}]`), types, ids };
}

/** Merges are "left right", or pairs in newer files. */
function readMerges(path: string, model: JsonObject): [string, string][] {
  const merges = model.get("merges");
  if (!Array.isArray(merges)) throw modelError(path, "model.merges is not a list");
  return merges.map((merge, i) => {
    const parts = typeof merge === "string" ? merge.split(" ") : merge;
    if (Array.isArray(parts) && parts.length === 2 && parts.every((p) => typeof p === "string")) {
      return parts as [string, string];
    }
    throw modelError(path, `merge ${i} is not a pair of tokens`);
  });
}

/** A merge's line is split at its one space; llama.cpp writes a space within a part as U+0120. */
function escapeSpaces(part: string): string {
  return part.replaceAll(" ", "\u0120");
}

/**
 * SentencePiece joins the pair whose result has the best score: minus the rank of the first merge
 * that makes it gives the same order as the ranks themselves.
 */
function scoresFromMerges(vocabulary: Vocabulary, merges: [string, string][]): Float32Array {
  const scores = new Float32Array(vocabulary.tokens.length);
  const last = -merges.length - 1;
  for (const [id, type] of vocabulary.types.entries()) {
    if (type === tokenType.normal) scores[id] = last;
  }
  for (let rank = merges.length - 1; rank >= 0; rank--) {
    const [left, right] = merges[rank]!;
    const id = vocabulary.ids.get(left + right);
    if (id !== undefined) scores[id] = -rank;
  }
  return scores;
}

function setSpecialTokens(
  metadata: Metadata,
  tokenizer: JsonObject,
  config: JsonObject,
  vocabulary: Vocabulary,
  sentencePiece: boolean,
): void {
  const named: [string, string][] = [
    ["bos_token", "bos_token_id"],
    ["eos_token", "eos_token_id"],
    ["unk_token", "unknown_token_id"],
    ["pad_token", "padding_token_id"],
  ];
  for (const [field, key] of named) {
    const id = vocabulary.ids.get(tokenContent(config.get(field)) ?? "");
    if (id !== undefined) metadata.set(`tokenizer.ggml.${key}`, entry.u32(id));
  }
  const added = templateTokens(tokenizer.get("post_processor"));
  const bos = tokenContent(config.get("bos_token"));
  const eos = tokenContent(config.get("eos_token"));
  const addsBos = config.boolean("add_bos_token", bos !== undefined && added.first === bos);
  const addsEos = config.boolean("add_eos_token", eos !== undefined && added.last === eos);
  metadata.set("tokenizer.ggml.add_bos_token", entry.bool(addsBos));
  metadata.set("tokenizer.ggml.add_eos_token", entry.bool(addsEos));
  if (sentencePiece) {
    metadata.set("tokenizer.ggml.add_space_prefix", entry.bool(addsSpacePrefix(tokenizer)));
  }
  const template = chatTemplate(config.get("chat_template"));
  if (template !== undefined) metadata.set("tokenizer.chat_template", entry.string(template));
}

/** A special token is given by its text or by an object with its `content`. */
function tokenContent(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const content = (value as { content?: unknown } | undefined)?.content;
  return typeof content === "string" ? content : undefined;
}

/** One template, or the one named "default" of several. */
function chatTemplate(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  const chosen = value.find((item) => item?.name === "default")?.template;
  return typeof chosen === "string" ? chosen : undefined;
}

/** The special tokens that a TemplateProcessing puts before and behind a text. */
function templateTokens(processor: unknown): { first?: string; last?: string } {
  const found = components(processor, "processors").find((c) => c.type === "TemplateProcessing");
  if (!Array.isArray(found?.single)) return {};
  const special = found.single.map((item) => item?.SpecialToken?.id as string | undefined);
  const [first, last] = [special[0], special.at(-1)];
  return { ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
}

/** SentencePiece's first space: a Prepend normaliser or a Metaspace that always prepends. */
function addsSpacePrefix(tokenizer: JsonObject): boolean {
  const normalizers = components(tokenizer.get("normalizer"), "normalizers");
  const preTokenizers = components(tokenizer.get("pre_tokenizer"), "pretokenizers");
  return (
    normalizers.some(({ type }) => type === "Prepend") ||
    preTokenizers.some(
      (c) => c.type === "Metaspace" && c.prepend_scheme !== "never" && c.add_prefix_space !== false,
    )
  );
}
