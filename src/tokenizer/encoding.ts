// What every kind of vocabulary does: text between special tokens to ids, and an id back to bytes.
// Byte-level BPE and SentencePiece are the two that there are.

import type { IdList } from "./bytes.ts";

/** What a piece of text comes after; some vocabularies put a space behind nothing, or behind a special token. */
export type Before = "nothing" | "token" | "text";

export interface TextModel {
  /** Appends the tokens of bytes[start .. end), which is valid UTF-8 without special tokens. */
  encode(bytes: Uint8Array, start: number, end: number, out: IdList, before: Before): void;
  /** The bytes that a token adds to the text. */
  bytesOf(id: number): Uint8Array;
}
