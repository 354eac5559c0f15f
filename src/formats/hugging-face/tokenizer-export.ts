// Builds tokenizer.json and tokenizer_config.json from GGUF's tokenizer keys, such that Hugging
// Face's tokenizers give the same ids. Byte-level BPE, and SentencePiece BPE with byte fallback.

import type { Metadata } from "../metadata.ts";
import type { StringArray } from "../string-array.ts";
import { modelError } from "../tensor-table.ts";
import { tokenType } from "../token-type.ts";
import { preTokenizerJson } from "./pre-tokenizers.ts";
import { metaspaceOf, normalFormOf } from "./tokenizer-keys.ts";

export interface TokenizerFiles {
  readonly tokenizerJson: unknown;
  readonly tokenizerConfig: unknown;
}

const space = "\u2581";

/** The two files' contents; undefined where the model carries no tokenizer. */
export function exportTokenizer(metadata: Metadata): TokenizerFiles | undefined {
  if (!metadata.has("tokenizer.ggml.tokens")) return undefined;
  const kind = metadata.string("tokenizer.ggml.model");
  if (kind !== "gpt2" && kind !== "llama") {
    throw modelError(metadata.path, `tokenizer model ${kind} cannot be written as tokenizer.json`);
  }
  const source = readSource(metadata);
  const parts = kind === "gpt2" ? byteLevelParts(metadata, source) : spmParts(metadata, source);
  const tokenizerJson = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens(source),
    ...parts,
    post_processor: templateProcessor(metadata, source) ?? parts.post_processor,
  };
  return { tokenizerJson, tokenizerConfig: tokenizerConfig(metadata, source, kind) };
}

interface Source {
  readonly tokens: StringArray;
  readonly types: ArrayLike<number>;
  readonly vocabulary: Record<string, number>;
}

function readSource(metadata: Metadata): Source {
  const tokens = metadata.strings("tokenizer.ggml.tokens")!;
  const types =
    metadata.numbers("tokenizer.ggml.token_type") ?? new Int32Array(tokens.length).fill(1);
  if (types.length !== tokens.length) {
    throw modelError(metadata.path, `${types.length} token types for ${tokens.length} tokens`);
  }
  // Without a prototype: a token may be called "__proto__".
  const vocabulary: Record<string, number> = Object.create(null);
  for (let id = 0; id < tokens.length; id++) {
    const token = tokens.get(id);
    if (token in vocabulary) {
      throw modelError(metadata.path, `token ${JSON.stringify(token)} occurs twice`);
    }
    vocabulary[token] = id;
  }
  return { tokens, types, vocabulary };
}

function addedTokens({ tokens, types }: Source): unknown[] {
  const added: unknown[] = [];
  for (let id = 0; id < tokens.length; id++) {
    const type = types[id];
    const content = tokens.get(id);
    const isUnknown = type === tokenType.unknown && !content.startsWith("[PAD");
    if (type !== tokenType.control && type !== tokenType.userDefined && !isUnknown) continue;
    const special = type !== tokenType.userDefined;
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
    added.push({ id, content, ...flags, special });
  }
  return added;
}

function byteLevelParts(metadata: Metadata, { vocabulary }: Source) {
  const name = metadata.string("tokenizer.ggml.pre", "gpt-2");
  const preTokenizer = preTokenizerJson(name);
  if (preTokenizer === undefined) {
    throw modelError(metadata.path, `pre-tokenizer ${name} cannot be written as tokenizer.json`);
  }
  const byteLevel = {
    type: "ByteLevel",
    add_prefix_space: true,
    trim_offsets: true,
    use_regex: true,
  };
  const merges = [...(metadata.strings("tokenizer.ggml.merges") ?? [])];
  return {
    normalizer: normalizer(metadata, []),
    pre_tokenizer: preTokenizer,
    post_processor: { ...byteLevel, trim_offsets: false } as unknown,
    decoder: byteLevel as unknown,
    model: bpeModel({
      vocab: vocabulary,
      merges,
      // Llama 3 takes a word that is a token as it is, without merging towards it.
      ignore_merges: name === "llama-bpe",
    }),
  };
}

/** The model's normal form, then `steps`; null for neither. */
function normalizer(metadata: Metadata, steps: unknown[]): unknown {
  const form = normalFormOf(metadata);
  const normalizers = [...(form === undefined ? [] : [{ type: form }]), ...steps];
  return normalizers.length === 0 ? null : { type: "Sequence", normalizers };
}

function spmParts(metadata: Metadata, source: Source) {
  const metaspace = metaspaceOf(metadata);
  const prefix = metadata.boolean("tokenizer.ggml.add_space_prefix", true);
  const replace = (from: string, to: string) => ({
    type: "Replace",
    pattern: { String: from },
    content: to,
  });
  const written = [...(prefix ? [{ type: "Prepend", prepend: space }] : []), replace(" ", space)];
  const unknown = metadata.number("tokenizer.ggml.unknown_token_id", 0);
  return {
    normalizer: normalizer(metadata, metaspace === undefined ? written : []),
    pre_tokenizer:
      metaspace === undefined
        ? null
        : { type: "Metaspace", replacement: space, prepend_scheme: metaspace, split: false },
    post_processor: null as unknown,
    decoder: {
      type: "Sequence",
      decoders: [
        replace(space, " "),
        { type: "ByteFallback" },
        { type: "Fuse" },
        ...(prefix ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
      ],
    } as unknown,
    model: bpeModel({
      unk_token: unknown < source.tokens.length ? source.tokens.get(unknown) : null,
      fuse_unk: true,
      byte_fallback: true,
      vocab: source.vocabulary,
      merges: mergesFromScores(metadata, source),
    }),
  };
}

function bpeModel(fields: Record<string, unknown>) {
  return {
    type: "BPE",
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    ...fields,
  };
}

/**
 * Every way to cut a piece into two others, the pieces in the order of their scores: what
 * SentencePiece would join first gets the lowest rank. Equal scores keep the vocabulary's order.
 */
function mergesFromScores(metadata: Metadata, { tokens, types, vocabulary }: Source): string[] {
  const scores = metadata.numbers("tokenizer.ggml.scores");
  if (scores === undefined || scores.length !== tokens.length) {
    throw modelError(metadata.path, "tokenizer.ggml.scores does not give each token a score");
  }
  const pieces = Array.from(tokens, (_, id) => id)
    .filter((id) => types[id] !== tokenType.byte && types[id] !== tokenType.unknown)
    .sort((a, b) => scores[b]! - scores[a]! || a - b);
  const merges: string[] = [];
  for (const id of pieces) {
    const characters = [...tokens.get(id)];
    const cuts: { left: number; right: number; merge: string }[] = [];
    for (let at = 1; at < characters.length; at++) {
      const left = characters.slice(0, at).join("");
      const right = characters.slice(at).join("");
      if (!(left in vocabulary) || !(right in vocabulary)) continue;
      cuts.push({ left: vocabulary[left]!, right: vocabulary[right]!, merge: `${left} ${right}` });
    }
    cuts.sort((a, b) => a.left - b.left || a.right - b.right);
    for (const { merge } of cuts) merges.push(merge);
  }
  return merges;
}

/** The token with the id under `key`, where the model has one. */
function specialToken(metadata: Metadata, { tokens }: Source, key: string): string | undefined {
  const id = metadata.number(`tokenizer.ggml.${key}`, -1);
  return id >= 0 && id < tokens.length ? tokens.get(id) : undefined;
}

/** BOS before and EOS behind a text where the model wants them, else undefined. */
function templateProcessor(metadata: Metadata, source: Source): unknown {
  const isSpm = metadata.get("tokenizer.ggml.model") === "llama";
  const isLlama3 = metadata.get("tokenizer.ggml.pre") === "llama-bpe";
  const addsBos = metadata.boolean("tokenizer.ggml.add_bos_token", isSpm || isLlama3);
  const addsEos = metadata.boolean("tokenizer.ggml.add_eos_token", false);
  const bos = addsBos ? specialToken(metadata, source, "bos_token_id") : undefined;
  const eos = addsEos ? specialToken(metadata, source, "eos_token_id") : undefined;
  if (bos === undefined && eos === undefined) return undefined;
  const around = (sequence: string, typeId: number) => [
    ...(bos === undefined ? [] : [{ SpecialToken: { id: bos, type_id: typeId } }]),
    { Sequence: { id: sequence, type_id: typeId } },
    ...(eos === undefined ? [] : [{ SpecialToken: { id: eos, type_id: typeId } }]),
  ];
  const used = [bos, eos].filter((token) => token !== undefined);
  const special = used.map((token) => {
    return [token, { id: token, ids: [source.vocabulary[token]], tokens: [token] }];
  });
  return {
    type: "TemplateProcessing",
    single: around("A", 0),
    pair: [...around("A", 0), ...around("B", 1)],
    special_tokens: Object.fromEntries(special),
  };
}

function tokenizerConfig(metadata: Metadata, source: Source, kind: string): unknown {
  const architecture = metadata.string("general.architecture", "");
  const flag = (key: string) => metadata.get(`tokenizer.ggml.${key}`) as boolean | undefined;
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    model_max_length: metadata.number(`${architecture}.context_length`, 1024),
    clean_up_tokenization_spaces: false,
    add_bos_token: flag("add_bos_token") ?? (kind === "llama" ? true : undefined),
    add_eos_token: flag("add_eos_token"),
    bos_token: specialToken(metadata, source, "bos_token_id"),
    eos_token: specialToken(metadata, source, "eos_token_id"),
    unk_token: specialToken(metadata, source, "unknown_token_id"),
    pad_token: specialToken(metadata, source, "padding_token_id"),
    chat_template: metadata.get("tokenizer.chat_template"),
  };
}
