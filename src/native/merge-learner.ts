// Words counted and merges learnt by the kernels, for training a tokenizer. What each keeps is outside
// the JavaScript heap; close() gives it back.

import { type Pointer, ptr } from "bun:ffi";
import { CromwellError } from "../errors.ts";
import { check, library } from "./library.ts";

/** Two tokens that became one, and how often they stood side by side. */
export interface Merge {
  readonly left: number;
  readonly right: number;
  readonly made: number;
  readonly count: number;
}

/** How often each distinct word occurs. One longer than 256 bytes is left out. */
export class WordCounts {
  /** For MergeLearner. */
  readonly handle: Pointer;

  constructor() {
    this.handle = given(library.cromwell_words_create(), "counting words");
  }

  /** Counts the first `count` words of `text`, which end at `ends`. */
  add(text: Uint8Array, ends: Uint32Array, count: number): void {
    if (count === 0) return;
    if (count > ends.length) check(-3, "counting", `${count} words`);
    const code = library.cromwell_words_add(this.handle, ptr(text), text.length, ptr(ends), count);
    check(code, "counting", `${count} words`);
  }

  /** Forgets what was met at most `most` times. */
  drop(most: number): void {
    library.cromwell_words_drop(this.handle, most);
  }

  /** Distinct words. */
  get size(): number {
    return library.cromwell_words_size(this.handle, 0);
  }

  /** Bytes of all distinct words together. */
  get bytes(): number {
    return library.cromwell_words_size(this.handle, 1);
  }

  close(): void {
    library.cromwell_words_destroy(this.handle);
  }
}

/** Merges a call of learn() may give: it looks up after some milliseconds anyway. */
const mergesAtOnce = 1024;

/** Learns merges from words, some tens of milliseconds' worth a call. The words must outlive it, unchanged. */
export class MergeLearner {
  readonly #handle: Pointer;
  readonly #output = new Uint32Array(mergesAtOnce * 4);
  readonly #answer = new Uint32Array(2);

  /**
   * @param ids the id of each of the 256 bytes
   * @param first id of the first new token
   * @param least a pair that occurs less often becomes no token
   */
  constructor(words: WordCounts, ids: Uint32Array, first: number, least: number) {
    if (ids.length !== 256) check(-3, "learning merges", `from ${ids.length} bytes`);
    const handle = library.cromwell_merges_create(words.handle, ptr(ids), first, least);
    this.#handle = given(handle, "learning merges");
  }

  /** Takes more words in. Returns how many are missing; learn() comes when none is. */
  prepare(): number {
    const code = library.cromwell_merges_prepare(this.#handle, ptr(this.#answer));
    check(code, "counting", "pairs");
    return this.#answer[0]!;
  }

  /** Whether no pair occurs often enough any more. */
  get exhausted(): boolean {
    return this.#answer[1] === 1;
  }

  /** The next merges, at most `most`; maybe none, as one may take several calls. */
  learn(most: number): Merge[] {
    const count = Math.min(most, mergesAtOnce);
    const output = this.#output;
    const code = library.cromwell_merges_learn(this.#handle, ptr(output), count, ptr(this.#answer));
    check(code, "learning", `${count} merges`);
    return Array.from({ length: this.#answer[0]! }, (_, i) => ({
      left: output[i * 4]!,
      right: output[i * 4 + 1]!,
      made: output[i * 4 + 2]!,
      count: output[i * 4 + 3]!,
    }));
  }

  close(): void {
    library.cromwell_merges_destroy(this.#handle);
  }
}

function given(handle: bigint | number | null, what: string): Pointer {
  if (handle !== null) return Number(handle) as Pointer;
  throw new CromwellError("memory", `${what}: there is not enough memory`);
}
