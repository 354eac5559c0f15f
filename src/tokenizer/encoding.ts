// What every kind of vocabulary does: text between special tokens to ids, and an id back to bytes.
// Byte-level BPE and SentencePiece are the two that there are.

import type { IdList } from "./bytes.ts";

export interface TextModel {
  /**
   * Appends the tokens of bytes[start .. end), which is valid UTF-8 without special tokens.
   * `opening` says that nothing came before, which is where some vocabularies put a space.
   */
  encode(bytes: Uint8Array, start: number, end: number, out: IdList, opening: boolean): void;
  /** The bytes that a token adds to the text. */
  bytesOf(id: number): Uint8Array;
}
