// Text that ends at a stop string. Tokens cut stop strings anywhere, so what may still become one is
// held back until it is certain.

/**
 * Text that ends where the first of several stop strings is complete, in whatever pieces it comes;
 * what may still become one is held back.
 */
export class StoppableText {
  readonly #stops: readonly string[];
  #pending = "";
  text = "";
  stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  /** Adds text and returns what is certain to stay. */
  push(piece: string): string {
    if (this.stopped) return "";
    this.#pending += piece;
    const end = firstStop(this.#pending, this.#stops);
    if (end !== undefined) {
      this.stopped = true;
      return this.#release(end);
    }
    const held = Math.max(0, ...this.#stops.map((stop) => overlap(this.#pending, stop)));
    return this.#release(this.#pending.length - held);
  }

  /** What was held back, as nothing more comes. */
  end(): string {
    return this.stopped ? "" : this.#release(this.#pending.length);
  }

  #release(length: number): string {
    const certain = this.#pending.slice(0, length);
    this.#pending = this.stopped ? "" : this.#pending.slice(length);
    this.text += certain;
    return certain;
  }
}

/** Where the stop string begins that is complete first, the longest of those that end together. */
function firstStop(text: string, stops: readonly string[]): number | undefined {
  let start: number | undefined;
  let end = Number.POSITIVE_INFINITY;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at < 0 || at + stop.length > end) continue;
    start = at + stop.length === end ? Math.min(start!, at) : at;
    end = at + stop.length;
  }
  return start;
}

/** Length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
