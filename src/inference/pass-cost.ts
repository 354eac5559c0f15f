// How long a pass over so many tokens takes here, learnt while answers are made: of one token, which
// memory bounds, by itself; of more as a constant and a part for each token.

/** What passes usually take, as parts of a pass over one token, until some were timed. */
const usual = { constant: 0.9, each: 0.24 };

/** Of the weight of a measurement that is left after the next one. */
const kept = 0.9;

/** A pass that took longer than expected by more than this was held up by something else. */
const mostOver = 1.5;

export class PassCost {
  /** Milliseconds of one token; before it is timed, as usual against what was. */
  #one: number | undefined;
  #timedOne = false;
  /** Fit of milliseconds = constant + each * size. */
  #fit = { constant: 0, each: 0 };
  /** Sums of w, w n, w n n, w t and w n t, which the least squares of relative errors need. */
  readonly #sums = [0, 0, 0, 0, 0];

  /** In milliseconds; before the first measurement in units of a pass over one token. */
  of(size: number): number {
    if (this.#one === undefined) return size === 1 ? 1 : usual.constant + usual.each * size;
    return size === 1 ? this.#one : this.#fit.constant + this.#fit.each * size;
  }

  learn(size: number, milliseconds: number): void {
    this.#one ??= this.#begin(size, milliseconds);
    const likely = Math.min(milliseconds, mostOver * this.of(size));
    if (size > 1) this.#add(size, likely);
    else {
      this.#one = this.#timedOne ? this.#one + (likely - this.#one) / 8 : milliseconds;
      this.#timedOne = true;
    }
  }

  /** Takes the first measurement as the scale of what is usual. */
  #begin(size: number, milliseconds: number): number {
    const one = milliseconds / this.of(size);
    for (const n of [2, 64]) this.#add(n, one * (usual.constant + usual.each * n));
    return one;
  }

  #add(size: number, milliseconds: number): void {
    const weight = 1 / milliseconds ** 2;
    const terms = [1, size, size * size, milliseconds, size * milliseconds];
    for (const [i, term] of terms.entries()) {
      this.#sums[i] = this.#sums[i]! * kept + weight * term;
    }
    const [w, n, nn, t, nt] = this.#sums as [number, number, number, number, number];
    const spread = w * nn - n * n;
    // All of one size tell nothing of others.
    if (spread < 1e-3 * w * nn) {
      const scale = t / (w * this.#fit.constant + n * this.#fit.each);
      this.#fit = { constant: this.#fit.constant * scale, each: this.#fit.each * scale };
      return;
    }
    const each = Math.max(0, (w * nt - n * t) / spread);
    this.#fit = { constant: Math.max(0, (t - each * n) / w), each };
  }
}
