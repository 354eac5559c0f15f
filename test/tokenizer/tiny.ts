// Tiny vocabularies made in memory, so that tests of behaviour need no file. Metadata can be overridden
// key by key, which is how hostile files are made.

import { Metadata, type MetadataEntry, type MetadataValue } from "../../src/formats/metadata.ts";
import { StringArray } from "../../src/formats/string-array.ts";
import { characterOfByte } from "../../src/tokenizer/bytes.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";

export type Keys = Record<string, MetadataValue | string[] | undefined>;

/** Metadata of these keys; undefined removes one, a list of strings becomes a StringArray. */
export function metadataOf(keys: Keys): Metadata {
  const entries: [string, MetadataEntry][] = [];
  for (const [key, value] of Object.entries(keys)) {
    if (value === undefined) continue;
    const stored = Array.isArray(value) ? StringArray.from(value) : value;
    entries.push([key, { type: typeof stored === "string" ? "string" : "u32", value: stored }]);
  }
  return new Metadata("tiny.gguf", entries);
}

const alphabet = Array.from(characterOfByte, (code) => String.fromCharCode(code));

/** Two control tokens, one user-defined, the 256 bytes and a few merges. */
export function bytePairKeys(): Keys {
  const merges = ["a b", "ab c", "a a", "aa aa", "Ġ Ġ", "Ġ a", "b c"];
  const tokens = [
    "<|s|>",
    "<|e|>",
    "<tool>",
    ...alphabet,
    ...merges.map((m) => m.replace(" ", "")),
  ];
  const types = new Int32Array(tokens.length).fill(1);
  types.set([3, 3, 4]);
  return {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "gpt-2",
    "tokenizer.ggml.tokens": tokens,
    "tokenizer.ggml.token_type": types,
    "tokenizer.ggml.merges": merges,
    "tokenizer.ggml.bos_token_id": 0,
    "tokenizer.ggml.eos_token_id": 1,
  };
}

export function tinyBytePair(overrides: Keys = {}): Tokenizer {
  return Tokenizer.fromMetadata(metadataOf({ ...bytePairKeys(), ...overrides }));
}

/** The unknown token, the ends, a control token, the bytes and a few pieces. */
export function sentencePieceKeys(): Keys {
  const bytes = Array.from(
    alphabet,
    (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, "0")}>`,
  );
  const pieces = ["▁", "a", "b", "c", "▁a", "ab", "▁ab", "▁▁", "<", "/", "s", ">", "</", "s>"];
  const tokens = ["<unk>", "<s>", "</s>", "<|x|>", ...bytes, ...pieces];
  const types = new Int32Array(tokens.length).fill(1);
  types.set([2, 3, 3, 3]);
  types.fill(6, 4, 260);
  return {
    "tokenizer.ggml.model": "llama",
    "tokenizer.ggml.tokens": tokens,
    "tokenizer.ggml.token_type": types,
    "tokenizer.ggml.scores": Float32Array.from(tokens, (_, id) => (id < 260 ? 0 : 260 - id)),
    "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.eos_token_id": 2,
    "tokenizer.ggml.unknown_token_id": 0,
  };
}

export function tinySentencePiece(overrides: Keys = {}): Tokenizer {
  return Tokenizer.fromMetadata(metadataOf({ ...sentencePieceKeys(), ...overrides }));
}
