// How often tokens followed the few tokens before them: counts of n-grams in one table of hashes, which is
// large enough that few of them fall together, and what they say of the next token.

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
      let check = 2;
      for (let length = 0; length < this.order && length <= at; length++) {
        if (length > 0) context = mixed(context, ids[at - length]!);
        if (length > 0) check = mixed(check, ids[at - length]!);
        const ngram = this.#place(mixed(~context, ids[at]!), mixed(~check, ids[at]!), true);
        this.#count(this.#place(context, check, true), ngram, ids[at]!);
      }
    }
  }

  #count(context: number, ngram: number, token: number): void {
    if (this.#times[ngram]! === 0) this.#kinds[context]!++;
    const times = ++this.#times[ngram]!;
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
    let check = 2;
    for (let length = 0; length < this.order && length <= at; length++) {
      if (length > 0) context = mixed(context, ids[at - length]!);
      if (length > 0) check = mixed(check, ids[at - length]!);
      const place = this.#place(context, check, false);
      if (place < 0) break;
      first = this.#best[place]!;
      const ngram = this.#place(mixed(~context, ids[at]!), mixed(~check, ids[at]!), false);
      const times = ngram < 0 ? 0 : this.#times[ngram]!;
      const kinds = this.#kinds[place]!;
      probability = (times + kinds * probability) / (this.#times[place]! + kinds);
    }
    return { probability, first };
  }

  /** Where what has these two hashes stands; -1 where it does not and is not to be added. */
  #place(hash: number, second: number, add: boolean): number {
    const check = second || 1;
    let place = hash & this.#mask;
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
