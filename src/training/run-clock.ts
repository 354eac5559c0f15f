// The time that a run has taken, pauses and stops left out, and how long a step takes at present: what a
// watcher wants to know, and nothing that changes what is learnt.

/** A step's share in the pace: about the last twenty count. */
const share = 0.1;

export class RunClock {
  /** Milliseconds before the clock was last started. */
  #before: number;
  #started: number | undefined;
  #lapped = 0;
  #pace: number | undefined;

  /** @param seconds of the run so far */
  constructor(seconds: number) {
    this.#before = seconds * 1000;
  }

  start(): void {
    this.#started ??= performance.now();
    this.#lapped = this.#now();
  }

  stop(): void {
    this.#before = this.#now();
    this.#started = undefined;
  }

  get seconds(): number {
    return this.#now() / 1000;
  }

  /** A step is done. */
  lap(): void {
    const now = this.#now();
    const lap = now - this.#lapped;
    this.#lapped = now;
    this.#pace = this.#pace === undefined ? lap : this.#pace + share * (lap - this.#pace);
  }

  /** Seconds of a step, with what is done between steps. */
  get pace(): number {
    return (this.#pace ?? 0) / 1000;
  }

  #now(): number {
    const running = this.#started === undefined ? 0 : performance.now() - this.#started;
    return this.#before + running;
  }
}
