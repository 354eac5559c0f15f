// How often tokens followed the few tokens before them: counts of n-grams in one table of hashes, which is
// large enough that few of them fall together, and what they say of the next token.

/** What is known of what follows a context. */
interface Following {
  readonly times: number;
  readonly kinds: number;
}

export class NgramCounts {
  readonly order: number;
  readonly #vocabulary: number;
  readonly #mask: number;
  /** Of n-grams, and of the contexts before their last token: a check, how often, how many kinds follow. */
  readonly #checks: Int32Array;
  readonly #times: Uint32Array;
  readonly #kinds: Uint32Array;
  /** The token that followed most often, and how often. */
  readonly #best: Int32Array;
  readonly #bestTimes: Uint32Array;
  #used = 0;

  /** @param bits the table has 2^bits places */
  constructor(order: number, vocabulary: number, bits: number) {
    this.order = order;
    this.#vocabulary = vocabulary;
    this.#mask = 2 ** bits - 1;
    this.#checks = new Int32Array(2 ** bits);
    this.#times = new Uint32Array(2 ** bits);
    this.#kinds = new Uint32Array(2 ** bits);
    this.#best = new Int32Array(2 ** bits).fill(-1);
    this.#bestTimes = new Uint32Array(2 ** bits);
  }

  /** Learns a document. */
  add(ids: ArrayLike<number>): void {
    for (let at = 0; at < ids.length; at++) {
      let context = 1;
      for (let length = 0; length < this.order && length <= at; length++) {
        if (length > 0) context = mixed(context, ids[at - length]!);
        this.#count(this.#place(context, true), mixed(~context, ids[at]!), ids[at]!);
      }
    }
  }

  #count(context: number, ngram: number, token: number): void {
    const place = this.#place(ngram, true);
    if (this.#times[place]! === 0) this.#kinds[context]!++;
    const times = ++this.#times[place]!;
    this.#times[context]!++;
    if (times <= this.#bestTimes[context]!) return;
    this.#best[context] = token;
    this.#bestTimes[context] = times;
  }

  /**
   * The probability of the token at `at` after those before it, each order interpolated with the shorter one
   * by how many kinds of tokens its context was followed by (Witten and Bell, 1991); and the token that
   * followed the longest known context most often.
   */
  predict(ids: ArrayLike<number>, at: number): { probability: number; first: number } {
    let probability = 1 / this.#vocabulary;
    let first = -1;
    let context = 1;
    for (let length = 0; length < this.order && length <= at; length++) {
      if (length > 0) context = mixed(context, ids[at - length]!);
      const place = this.#place(context, false);
      if (place < 0) break;
      first = this.#best[place]!;
      const ngram = this.#place(mixed(~context, ids[at]!), false);
      const times = ngram < 0 ? 0 : this.#times[ngram]!;
      const following: Following = { times: this.#times[place]!, kinds: this.#kinds[place]! };
      probability = (times + following.kinds * probability) / (following.times + following.kinds);
    }
    return { probability, first };
  }

  /** Where a hash stands; -1 where it does not and is not to be added. */
  #place(hash: number, add: boolean): number {
    const check = hash === 0 ? 1 : hash;
    let place = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) & this.#mask;
    for (;;) {
      if (this.#checks[place] === check) return place;
      if (this.#checks[place] === 0) break;
      place = (place + 1) & this.#mask;
    }
    if (!add) return -1;
    if (++this.#used > this.#mask * 0.9) throw new Error("the table of n-grams is full");
    this.#checks[place] = check;
    return place;
  }
}

/** A hash of 32 bits (the finaliser of MurmurHash3). */
function mixed(hash: number, token: number): number {
  let h = Math.imul(hash, 0x9e3779b1) ^ Math.imul(token + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
