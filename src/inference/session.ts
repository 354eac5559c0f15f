// One conversation with a model: the tokens read so far and their cache. A prompt that begins like
// what is cached only costs its new tokens.

import type { ForwardOptions, Transformer } from "../model/transformer.ts";

export class Session {
  readonly #transformer: Transformer;
  readonly #tokens: number[] = [];

  constructor(transformer: Transformer) {
    this.#transformer = transformer;
  }

  /** Tokens whose keys and values are cached. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  get contextLength(): number {
    return this.#transformer.cache.capacity;
  }

  /**
   * Makes `ids` the session's tokens and returns the last one's logits [vocabulary], valid until the
   * next call. Reuses the cached tokens that `ids` begins with.
   */
  async prefill(ids: readonly number[], options: ForwardOptions = {}): Promise<Float32Array> {
    // The last token is always read again: its logits are asked for, and are not cached.
    const limit =
      options.onLogits === undefined ? Math.min(this.#tokens.length, ids.length - 1) : 0;
    let shared = 0;
    while (shared < limit && ids[shared] === this.#tokens[shared]) shared++;
    this.rewind(shared);
    return this.append(ids.slice(shared), options);
  }

  /** Reads one more token and returns the logits after it, valid until the next call. */
  decode(id: number, signal?: AbortSignal): Promise<Float32Array> {
    return this.append([id], { signal });
  }

  /** Reads more tokens at the end. */
  async append(ids: readonly number[], options: ForwardOptions = {}): Promise<Float32Array> {
    const logits = await this.#transformer.forward(ids, options);
    for (const id of ids) this.#tokens.push(id);
    return logits;
  }

  /** Forgets all tokens from `length` on. */
  rewind(length: number): void {
    this.#tokens.length = Math.min(this.#tokens.length, length);
    this.#transformer.cache.rewind(length);
  }

  close(): void {
    this.#transformer.close();
    this.#transformer.cache.close();
  }
}
