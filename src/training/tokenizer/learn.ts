// From texts to merges: texts are cut into words, words are counted, pairs are merged. The kernels do
// the counting; this keeps what they hold bounded and lets the event loop run in between.

import { breathe } from "../../breathe.ts";
import { type Merge, MergeLearner, WordCounts } from "../../native/merge-learner.ts";
import { characterOfByte } from "../../tokenizer/bytes.ts";
import type { Scanner } from "../../tokenizer/pre-tokenizers.ts";

/** Bytes of distinct words that are kept; with their pairs they take some fifty times as much. */
const distinctBytesMax = 32 * 1024 * 1024;

/** Counts the words of texts. Rare words are forgotten where there are too many different ones. */
export class WordCounter {
  readonly counts = new WordCounts();
  /** Words met this often or less have been forgotten. */
  forgotten = 0;
  readonly #scanner: Scanner;
  readonly #bytesMax: number;
  #ends = new Uint32Array(1 << 16);

  constructor(scanner: Scanner, bytesMax = distinctBytesMax) {
    this.#scanner = scanner;
    this.#bytesMax = bytesMax;
  }

  /** Counts a text, which is valid UTF-8. */
  add(text: Uint8Array): void {
    const scanner = this.#scanner;
    let ends = this.#ends;
    let count = 0;
    for (let at = 0; at < text.length; ) {
      at = scanner(text, at, text.length);
      if (count === ends.length) ends = this.#grow();
      ends[count++] = at;
    }
    this.counts.add(text, ends, count);
    while (this.counts.bytes > this.#bytesMax) this.counts.drop(++this.forgotten);
  }

  #grow(): Uint32Array<ArrayBuffer> {
    const grown = new Uint32Array(this.#ends.length * 2);
    grown.set(this.#ends);
    this.#ends = grown;
    return grown;
  }

  close(): void {
    this.counts.close();
  }
}

export interface LearnOptions {
  /** Tokens in the vocabulary, the special ones and the 256 bytes included. */
  readonly vocabularySize: number;
  /** Ids below this are special tokens. */
  readonly special: number;
  readonly signal?: AbortSignal | undefined;
  /** Receives the size that the vocabulary has so far. */
  readonly onProgress?: ((size: number) => void) | undefined;
}

/** A pair that occurs once is no habit of the language. */
const leastCount = 2;

/** The merges of a vocabulary, the most frequent pair first; of equal ones that of older tokens. */
export async function learnMerges(words: WordCounts, options: LearnOptions): Promise<Merge[]> {
  const { vocabularySize, special, signal, onProgress } = options;
  const first = special + 256;
  const learner = new MergeLearner(words, byteIds(special), first, leastCount);
  try {
    while (learner.prepare() > 0) await breathe(signal);
    const merges: Merge[] = [];
    let size = first;
    while (size < vocabularySize && !learner.exhausted) {
      const made = learner.learn(vocabularySize - size);
      merges.push(...made);
      // A token that came about in a second way is no new one.
      for (const merge of made) size = Math.max(size, merge.made + 1);
      onProgress?.(size);
      await breathe(signal);
    }
    return merges;
  } finally {
    learner.close();
  }
}

/** The id of each byte: behind the special tokens, in the order of the characters that stand for them. */
export function byteIds(special: number): Uint32Array {
  const ids = new Uint32Array(256);
  const bytes = Array.from(characterOfByte.keys());
  bytes.sort((a, b) => characterOfByte[a]! - characterOfByte[b]!);
  for (const [rank, byte] of bytes.entries()) ids[byte] = special + rank;
  return ids;
}
