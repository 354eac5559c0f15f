// How probable a model finds tokens that are given, and which of them it would have chosen itself. What
// scores may be a model file's session, or a network that is being trained.

import type { Session } from "../inference/session.ts";
import { largest, sumExponentials } from "../native/kernels.ts";

export interface Scores {
  /** Negative natural logarithm of each token's probability. */
  readonly nats: Float64Array;
  /** 1 where the token is the most probable one, the lowest id of equals. */
  readonly first: Uint8Array;
}

export interface Scorer {
  readonly contextLength: number;
  /** Scores ids[from..], each after all before it; from is 1 or more. */
  score(ids: readonly number[], from: number, signal?: AbortSignal): Promise<Scores>;
}

/** A session as a scorer; it then holds what was scored last. */
export class SessionScorer implements Scorer {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  get contextLength(): number {
    return this.#session.contextLength;
  }

  async score(ids: readonly number[], from: number, signal?: AbortSignal): Promise<Scores> {
    const count = ids.length - from;
    const scores = { nats: new Float64Array(count), first: new Uint8Array(count) };
    if (count === 0) return scores;
    const session = this.#session;
    session.rewind(0);
    // What only comes before needs no output matrix.
    if (from > 1) await session.append(ids.slice(0, from - 1), { signal });
    const onLogits = (position: number, logits: Float32Array) => {
      const at = position + 1 - from;
      const id = ids[position + 1]!;
      const best = largest(logits);
      const sum = sumExponentials(logits, 1, logits[best]!);
      scores.nats[at] = Math.log(sum) + logits[best]! - logits[id]!;
      scores.first[at] = best === id ? 1 : 0;
    };
    await session.append(ids.slice(from - 1, -1), { signal, onLogits });
    return scores;
  }
}
