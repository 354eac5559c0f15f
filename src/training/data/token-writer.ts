// Tokens of a shard as they are made: documents one after the other, each with its beginning noted and
// its end marked by the vocabulary's own token.

import type { Tokenizer } from "../../tokenizer/tokenizer.ts";

/** The token that ends a document: the end of text, by the tokenizer's word or by a well-known name. */
export function endOfDocument(tokenizer: Tokenizer): number | undefined {
  return tokenizer.eos ?? [...tokenizer.stopIds].sort((a, b) => a - b)[0];
}

export class TokenWriter {
  readonly #begin: number | undefined;
  readonly #end: number | undefined;
  #tokens = new Uint32Array(1 << 16);
  #starts: number[] = [];
  #length = 0;
  /** Whether a document has begun that may go on. */
  open: boolean;

  constructor(tokenizer: Tokenizer, open: boolean) {
    this.#begin = tokenizer.addBos ? tokenizer.bos : undefined;
    this.#end = endOfDocument(tokenizer);
    this.open = open;
  }

  get length(): number {
    return this.#length;
  }

  get tokens(): Uint32Array {
    return this.#tokens.subarray(0, this.#length);
  }

  /** Where documents begin, in order. A document that goes on from the shard before has none here. */
  get starts(): Uint32Array {
    return Uint32Array.from(this.#starts);
  }

  begin(): void {
    this.end();
    this.#starts.push(this.#length);
    this.open = true;
    if (this.#begin !== undefined) this.push(this.#begin);
  }

  end(): void {
    if (this.open && this.#end !== undefined) this.push(this.#end);
    this.open = false;
  }

  push(id: number): void {
    this.#reserve(1);
    this.#tokens[this.#length++] = id;
  }

  append(ids: ArrayLike<number>): void {
    this.#reserve(ids.length);
    this.#tokens.set(ids, this.#length);
    this.#length += ids.length;
  }

  /** Starts the next shard, where an open document goes on. */
  clear(): void {
    this.#length = 0;
    this.#starts = [];
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#tokens.length) return;
    const grown = new Uint32Array(Math.max(needed, this.#tokens.length * 2));
    grown.set(this.tokens);
    this.#tokens = grown;
  }
}
