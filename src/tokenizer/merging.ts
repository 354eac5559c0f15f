// Joins neighbouring symbols by rank, the lowest first and the leftmost of equals, until none is left.
// Words are short and scanned; a long run is kept in a heap, so that a megabyte of one letter is linear enough.

import type { MergeRanks } from "./merge-ranks.ts";
import { NEVER } from "./merge-table.ts";

/** Above this many symbols a heap beats looking through all pairs for the lowest. */
const scanMax = 24;

export class Merger {
  /** The symbols of a word, written by the caller; merge() leaves the tokens here. */
  symbols = new Int32Array(256);
  private ranks = new Int32Array(256);
  private before = new Int32Array(0);
  private after = new Int32Array(0);
  private heap = new Heap();

  constructor(private readonly pairs: MergeRanks) {}

  /** Makes room for a word of that many symbols. */
  reserve(count: number): void {
    if (count <= this.symbols.length) return;
    this.symbols = new Int32Array(count * 2);
    this.ranks = new Int32Array(count * 2);
  }

  /** Gives back the memory of an unusually long word. */
  release(): void {
    if (this.symbols.length <= 0x10000) return;
    this.symbols = new Int32Array(256);
    this.ranks = new Int32Array(256);
    this.before = new Int32Array(0);
    this.after = new Int32Array(0);
    this.heap = new Heap();
  }

  /** Joins the first `count` symbols; returns how many tokens are left. Negative symbols never join. */
  merge(count: number): number {
    if (count < 2) return count;
    const { symbols, ranks } = this;
    for (let i = 0; i + 1 < count; i++) ranks[i] = this.rank(symbols[i]!, symbols[i + 1]!);
    ranks[count - 1] = NEVER;
    return count <= scanMax ? this.scan(count) : this.drain(count);
  }

  private rank(left: number, right: number): number {
    return left < 0 || right < 0 ? NEVER : this.pairs.rank(left, right);
  }

  private scan(count: number): number {
    const { symbols, ranks, pairs } = this;
    let length = count;
    for (;;) {
      let at = 0;
      let lowest = NEVER;
      for (let i = 0; i < length - 1; i++) {
        if (ranks[i]! < lowest) {
          lowest = ranks[i]!;
          at = i;
        }
      }
      if (lowest === NEVER) return length;
      pairs.rank(symbols[at]!, symbols[at + 1]!);
      symbols[at] = pairs.joined;
      length--;
      for (let i = at + 1; i < length; i++) {
        symbols[i] = symbols[i + 1]!;
        ranks[i] = ranks[i + 1]!;
      }
      ranks[at] = at + 1 < length ? this.rank(symbols[at]!, symbols[at + 1]!) : NEVER;
      if (at > 0) ranks[at - 1] = this.rank(symbols[at - 1]!, symbols[at]!);
    }
  }

  /** The same over a linked list; an entry of the heap is stale once its pair has another rank. */
  private drain(count: number): number {
    const { symbols, ranks, pairs, heap } = this;
    if (this.after.length < count) {
      this.after = new Int32Array(symbols.length);
      this.before = new Int32Array(symbols.length);
    }
    const { before, after } = this;
    for (let i = 0; i < count; i++) {
      before[i] = i - 1;
      after[i] = i + 1;
    }
    heap.fill(ranks, count);
    while (heap.length > 0) {
      const rank = heap.lowestRank();
      const at = heap.pop();
      if (ranks[at] !== rank) continue;
      const right = after[at]!;
      pairs.rank(symbols[at]!, symbols[right]!);
      symbols[at] = pairs.joined;
      ranks[right] = NEVER;
      const next = after[right]!;
      after[at] = next;
      if (next < count) before[next] = at;
      this.update(at, next < count ? this.rank(symbols[at]!, symbols[next]!) : NEVER);
      const left = before[at]!;
      if (left >= 0) this.update(left, this.rank(symbols[left]!, symbols[at]!));
    }
    let length = 0;
    for (let i = 0; i < count; i = after[i]!) symbols[length++] = symbols[i]!;
    return length;
  }

  private update(at: number, rank: number): void {
    this.ranks[at] = rank;
    if (rank !== NEVER) this.heap.push(rank, at);
  }
}

/** A binary heap of (rank, position), the lowest rank first, then the lowest position. */
class Heap {
  length = 0;
  private ranks = new Int32Array(0);
  private places = new Int32Array(0);

  /** Starts with every position whose rank is not NEVER. */
  fill(ranks: Int32Array, count: number): void {
    // Each merge frees one symbol and adds at most two entries.
    if (this.ranks.length < count * 3) {
      this.ranks = new Int32Array(count * 3);
      this.places = new Int32Array(count * 3);
    }
    this.length = 0;
    for (let i = 0; i < count; i++) {
      if (ranks[i] === NEVER) continue;
      this.ranks[this.length] = ranks[i]!;
      this.places[this.length++] = i;
    }
    for (let i = (this.length >> 1) - 1; i >= 0; i--) {
      this.sink(i, this.ranks[i]!, this.places[i]!);
    }
  }

  lowestRank(): number {
    return this.ranks[0]!;
  }

  push(rank: number, place: number): void {
    const { ranks, places } = this;
    let hole = this.length++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = ranks[parent]!;
      if (above < rank || (above === rank && places[parent]! < place)) break;
      ranks[hole] = above;
      places[hole] = places[parent]!;
      hole = parent;
    }
    ranks[hole] = rank;
    places[hole] = place;
  }

  /** Removes the lowest entry; returns its position. */
  pop(): number {
    const place = this.places[0]!;
    const last = --this.length;
    if (last > 0) this.sink(0, this.ranks[last]!, this.places[last]!);
    return place;
  }

  private sink(from: number, rank: number, place: number): void {
    const { ranks, places, length } = this;
    let hole = from;
    for (;;) {
      let child = hole * 2 + 1;
      if (child >= length) break;
      const right = child + 1;
      if (
        right < length &&
        (ranks[right]! < ranks[child]! ||
          (ranks[right] === ranks[child] && places[right]! < places[child]!))
      ) {
        child = right;
      }
      const below = ranks[child]!;
      if (rank < below || (rank === below && place < places[child]!)) break;
      ranks[hole] = below;
      places[hole] = places[child]!;
      hole = child;
    }
    ranks[hole] = rank;
    places[hole] = place;
  }
}
