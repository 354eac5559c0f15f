// One conversation with a model: the tokens read so far and their cache. A prompt that begins like
// what is cached only costs its new tokens.

import { CromwellError } from "../errors.ts";
import type { Check, ForwardOptions, Transformer } from "../model/transformer.ts";

export interface SessionEvents {
  /** Called when tokens were read. */
  readonly onRead?: () => void;
  /** Called when the session's memory is free and the weights are no longer read. */
  readonly onFreed?: () => void;
}

export class Session {
  readonly #transformer: Transformer;
  readonly #events: SessionEvents;
  readonly #tokens: number[] = [];
  #reading = false;
  #closed = false;

  constructor(transformer: Transformer, events: SessionEvents = {}) {
    this.#transformer = transformer;
    this.#events = events;
  }

  /** Tokens whose keys and values are cached. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  get contextLength(): number {
    return this.#transformer.cache.capacity;
  }

  /** Logits of one position. */
  get vocabulary(): number {
    return this.#transformer.config.vocabulary;
  }

  /** Whether it is the id of a token. */
  knows(id: number): boolean {
    return Number.isInteger(id) && id >= 0 && id < this.vocabulary;
  }

  /**
   * Makes `ids` the session's tokens and returns the last one's logits [vocabulary], valid until the
   * next call. Reuses the cached tokens that `ids` begins with. One call at a time: throws
   * CromwellError "usage" while another one is under way, after close(), and for no ids or
   * one that is none of the model's.
   */
  async prefill(ids: readonly number[], options: ForwardOptions = {}): Promise<Float32Array> {
    this.#requireIdle();
    this.#requireIds(ids);
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

  /**
   * Reads a token and guesses of what follows it, and asks `check` of one position after the other
   * whether the next guess is right. The tokens behind the first wrong answer are forgotten.
   */
  async check(ids: readonly number[], check: Check, signal?: AbortSignal): Promise<void> {
    await this.append(ids, { check, signal });
  }

  /** Reads more tokens at the end. */
  async append(ids: readonly number[], options: ForwardOptions = {}): Promise<Float32Array> {
    this.#requireIdle();
    this.#requireIds(ids);
    this.#reading = true;
    try {
      const logits = await this.#transformer.forward(ids, options);
      if (this.#closed) throw closed();
      const kept = this.#transformer.cache.length - this.#tokens.length;
      for (let i = 0; i < kept; i++) this.#tokens.push(ids[i]!);
      this.#events.onRead?.();
      return logits;
    } finally {
      this.#reading = false;
      if (this.#closed) this.#free();
    }
  }

  /** Forgets all tokens from `length` on. */
  rewind(length: number): void {
    this.#requireIdle();
    this.#tokens.length = Math.min(this.#tokens.length, length);
    this.#transformer.cache.rewind(length);
  }

  /** Frees the session's memory, at once or when the call that is under way has ended. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#reading) this.#free();
  }

  #free(): void {
    this.#transformer.close();
    this.#transformer.cache.close();
    this.#events.onFreed?.();
  }

  #requireIds(ids: readonly number[]): void {
    if (ids.length === 0) throw new CromwellError("usage", "there are no tokens to read");
    for (const id of ids) {
      if (this.knows(id)) continue;
      const range = `a whole number from 0 to ${this.vocabulary - 1}`;
      throw new CromwellError("usage", `the token id ${id} is not ${range}`);
    }
  }

  #requireIdle(): void {
    if (this.#closed) throw closed();
    if (!this.#reading) return;
    throw new CromwellError("usage", "the session is still reading", {
      hint: "await one call before the next, or use a session for each",
    });
  }
}

function closed(): CromwellError {
  return new CromwellError("usage", "the session is closed");
}
