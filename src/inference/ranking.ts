// The tokens by falling logit, sorted only as far as anybody asks: of a vocabulary of many thousands a
// draw needs a few.

export class Ranking {
  readonly #logits: Float32Array;
  /** None below it is ranked; how far down those in #ids reach, and the next ones will. */
  readonly #floor: number;
  #reached = Number.POSITIVE_INFINITY;
  #next: number;
  #step: number;
  readonly #ids: number[] = [];

  /**
   * Ranks the logits that are at least `floor`, beginning with those that are less than `step` below
   * `best`, the highest.
   */
  constructor(logits: Float32Array, best: number, floor: number, step: number) {
    this.#logits = logits;
    this.#floor = floor;
    this.#next = best - step;
    this.#step = step;
  }

  /** The token at this place from 0 on, the lowest id of equals first; undefined behind the last. */
  at(place: number): number | undefined {
    while (place >= this.#ids.length && this.#reached > this.#floor) this.#extend();
    return this.#ids[place];
  }

  #extend(): void {
    const [logits, high] = [this.#logits, this.#reached];
    const low = Math.max(this.#floor, this.#next);
    const found: number[] = [];
    for (let id = 0; id < logits.length; id++) {
      const logit = logits[id]!;
      if (logit >= low && logit < high) found.push(id);
    }
    found.sort((a, b) => logits[b]! - logits[a]! || a - b);
    for (const id of found) this.#ids.push(id);
    this.#reached = low;
    this.#step *= 1.5;
    this.#next = low - this.#step;
  }
}
