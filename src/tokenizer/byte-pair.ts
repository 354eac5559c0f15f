// Byte-level byte-pair encoding: words from a pre-tokenizer, each word's bytes joined by rank.
// Works on UTF-8 from end to end; a word seen before costs one look-up.

import { CromwellError } from "../errors.ts";
import { tokenType } from "../formats/token-type.ts";
import { characterOfByte, fromAlphabet, type IdList } from "./bytes.ts";
import type { TextModel } from "./encoding.ts";
import type { MergeRanks } from "./merge-ranks.ts";
import { Merger } from "./merging.ts";
import type { Scanner } from "./pre-tokenizers.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { cachedBytesMax, WordCache } from "./word-cache.ts";

export interface BytePairOptions {
  vocabulary: Vocabulary;
  pairs: MergeRanks;
  scanner: Scanner;
  /** A word that is a token is taken whole, whatever the merges say (Llama 3). */
  wholeWords: boolean;
}

export class BytePairModel implements TextModel {
  private readonly vocabulary: Vocabulary;
  private readonly scanner: Scanner;
  private readonly wholeWords: boolean;
  private readonly merger: Merger;
  private readonly cache = new WordCache();
  /** The token of each byte, or -1. */
  private readonly idOfByte = new Int32Array(256);

  constructor(options: BytePairOptions) {
    this.vocabulary = options.vocabulary;
    this.scanner = options.scanner;
    this.wholeWords = options.wholeWords;
    this.merger = new Merger(options.pairs);
    for (let byte = 0; byte < 256; byte++) {
      const text = inAlphabet(new Uint8Array([byte]), 0, 1);
      const id = this.vocabulary.find(text, 0, text.length);
      const ordinary = id >= 0 && this.vocabulary.types[id] === tokenType.normal;
      this.idOfByte[byte] = ordinary ? id : -1;
      // Real vocabularies lack control characters and bytes of no script, but no plain text.
      if (!ordinary && byte >= 0x20 && byte < 0x7f) {
        const name = `0x${byte.toString(16).padStart(2, "0")}`;
        throw new CromwellError("model", `the vocabulary has no token for the byte ${name}`);
      }
    }
  }

  encode(bytes: Uint8Array, start: number, end: number, out: IdList): void {
    const { scanner, cache } = this;
    let at = start;
    while (at < end) {
      const next = scanner(bytes, at, end);
      if (next - at > cachedBytesMax) this.encodeWord(bytes, at, next, out);
      else if (!cache.take(bytes, at, next, out)) {
        const from = out.length;
        this.encodeWord(bytes, at, next, out);
        cache.put(bytes, at, next, out.ids, from, out.length);
      }
      at = next;
    }
    this.merger.release();
  }

  private encodeWord(bytes: Uint8Array, start: number, end: number, out: IdList): void {
    const { merger, idOfByte } = this;
    if (this.wholeWords) {
      const text = inAlphabet(bytes, start, end);
      const id = this.vocabulary.find(text, 0, text.length);
      if (id >= 0) {
        out.push(id);
        return;
      }
    }
    merger.reserve(end - start);
    let count = 0;
    for (let i = start; i < end; i++) {
      const id = idOfByte[bytes[i]!]!;
      // A byte without a token is left out, as in Hugging Face tokenizers and llama.cpp.
      if (id >= 0) merger.symbols[count++] = id;
    }
    count = merger.merge(count);
    out.reserve(count);
    for (let i = 0; i < count; i++) out.push(merger.symbols[i]!);
  }

  bytesOf(id: number): Uint8Array {
    const text = this.vocabulary.strings.bytes(id);
    const type = this.vocabulary.types[id];
    if (type !== tokenType.normal && type !== tokenType.unused) return text;
    return fromAlphabet(text) ?? text;
  }
}

/** Bytes written in GPT-2's alphabet, as UTF-8. */
function inAlphabet(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const text = new Uint8Array((end - start) * 2);
  let length = 0;
  for (let i = start; i < end; i++) {
    const character = characterOfByte[bytes[i]!]!;
    if (character >= 0x80) {
      text[length++] = 0xc0 | (character >> 6);
      text[length++] = 0x80 | (character & 0x3f);
    } else {
      text[length++] = character;
    }
  }
  return text.subarray(0, length);
}
