// Typed arrays that grow at their end: the columns that an index is built in. Numbers lie side by
// side in memory, so that a million of them are searched, copied and stored as they are.

type Numbers = Int32Array | Uint32Array | Uint8Array | Float64Array;

interface Kind<T extends Numbers> {
  new (length: number): T;
}

export class Column<T extends Numbers> {
  length = 0;
  #values: T;
  readonly #kind: Kind<T>;

  constructor(kind: Kind<T>) {
    this.#kind = kind;
    this.#values = new kind(1024);
  }

  push(value: number): void {
    if (this.length === this.#values.length) this.#reserve(1);
    this.#values[this.length++] = value;
  }

  setLast(value: number): void {
    this.#values[this.length - 1] = value;
  }

  /** Appends the values of `from` between two places, each with `added` to it. */
  append(from: T, start: number, end: number, added = 0): void {
    const count = end - start;
    this.#reserve(count);
    if (added === 0) {
      this.#values.set(from.subarray(start, end) as T & ArrayLike<number>, this.length);
    } else {
      for (let at = 0; at < count; at++) this.#values[this.length + at] = from[start + at]! + added;
    }
    this.length += count;
  }

  /** What was appended so far; a view that must not be kept across further appends. */
  view(): T {
    return this.#values.subarray(0, this.length) as T;
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#values.length) return;
    const grown = new this.#kind(Math.max(needed, this.#values.length * 2));
    grown.set(this.#values as T & ArrayLike<number>);
    this.#values = grown;
  }
}
