// Remembers the tokens of words already seen: most words of a text are repeated ones.
// Bounded: when it is full it is emptied. Typed arrays only, so that it makes no garbage.

import type { IdList } from "./bytes.ts";

const slotBits = 16;
const slots = 1 << slotBits;
const entriesMax = (slots * 3) / 4;
const probesMax = 8;
const keyBytesMax = 1 << 20;
const idsMax = 1 << 19;
/** Longer words are rare and not worth the room. */
export const cachedBytesMax = 256;

export class WordCache {
  /** Four numbers a slot: bytes 0-3 or a hash, bytes 4-7 or a place in `keys`, length, value. */
  private readonly table = new Int32Array(slots * 4);
  /** Words above 8 bytes. */
  private keys = new Uint8Array(1024);
  private keysLength = 0;
  /** Words of several tokens: their number, then the ids. */
  private ids = new Int32Array(1024);
  private idsLength = 0;
  private entries = 0;
  /** Where the word of the last failed look-up belongs, or -1. */
  private free = -1;
  private first = 0;
  private second = 0;

  /** Appends the word's tokens to `out` and returns true, or returns false where it is not known. */
  take(bytes: Uint8Array, start: number, end: number, out: IdList): boolean {
    const length = end - start;
    if (length > 8) return this.takeLong(bytes, start, end, out);
    let first = bytes[start]!;
    let second = 0;
    if (length > 1) first |= bytes[start + 1]! << 8;
    if (length > 2) first |= bytes[start + 2]! << 16;
    if (length > 3) first |= bytes[start + 3]! << 24;
    if (length > 4) second = bytes[start + 4]!;
    if (length > 5) second |= bytes[start + 5]! << 8;
    if (length > 6) second |= bytes[start + 6]! << 16;
    if (length > 7) second |= bytes[start + 7]! << 24;
    const { table } = this;
    let slot = slotOf(first, second, length);
    for (let probe = 0; probe < probesMax; probe++) {
      const at = slot << 2;
      const found = table[at + 2]!;
      if (found === 0) return this.missed(at, first, second);
      if (found === length && table[at] === first && table[at + 1] === second) {
        this.emit(table[at + 3]!, out);
        return true;
      }
      slot = (slot + 1) & (slots - 1);
    }
    return this.missed(-1, first, second);
  }

  private takeLong(bytes: Uint8Array, start: number, end: number, out: IdList): boolean {
    const length = end - start;
    let hash = length;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 0x01000193) + bytes[i]!) | 0;
    const { table } = this;
    let slot = slotOf(hash, 0, length);
    for (let probe = 0; probe < probesMax; probe++) {
      const at = slot << 2;
      const found = table[at + 2]!;
      if (found === 0) return this.missed(at, hash, 0);
      if (
        found === length &&
        table[at] === hash &&
        this.sameKey(table[at + 1]!, bytes, start, end)
      ) {
        this.emit(table[at + 3]!, out);
        return true;
      }
      slot = (slot + 1) & (slots - 1);
    }
    return this.missed(-1, hash, 0);
  }

  private sameKey(key: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { keys } = this;
    for (let i = start, j = key; i < end; i++, j++) if (bytes[i] !== keys[j]) return false;
    return true;
  }

  private missed(at: number, first: number, second: number): boolean {
    this.free = at;
    this.first = first;
    this.second = second;
    return false;
  }

  /** Appends one id (value >= 0) or the ids at ~value. */
  private emit(value: number, out: IdList): void {
    if (value >= 0) {
      out.push(value);
      return;
    }
    const { ids } = this;
    const at = ~value;
    const end = at + 1 + ids[at]!;
    for (let i = at + 1; i < end; i++) out.push(ids[i]!);
  }

  /** Keeps the tokens of the word that the last take() did not know. */
  put(
    bytes: Uint8Array,
    start: number,
    end: number,
    tokens: Int32Array,
    from: number,
    to: number,
  ): void {
    const at = this.free;
    if (at < 0) return;
    const length = end - start;
    if (
      this.entries >= entriesMax ||
      this.keysLength + length > keyBytesMax ||
      this.idsLength + to - from + 1 > idsMax
    ) {
      this.clear();
      return;
    }
    this.entries++;
    const { table } = this;
    table[at] = this.first;
    table[at + 1] = length > 8 ? this.keep(bytes, start, end) : this.second;
    table[at + 2] = length;
    table[at + 3] = to - from === 1 ? tokens[from]! : ~this.keepIds(tokens, from, to);
  }

  private keep(bytes: Uint8Array, start: number, end: number): number {
    const at = this.keysLength;
    this.keysLength += end - start;
    if (this.keysLength > this.keys.length) {
      const grown = new Uint8Array(this.keys.length * 2);
      grown.set(this.keys.subarray(0, at));
      this.keys = grown;
    }
    for (let i = start, j = at; i < end; i++, j++) this.keys[j] = bytes[i]!;
    return at;
  }

  private keepIds(tokens: Int32Array, from: number, to: number): number {
    const at = this.idsLength;
    this.idsLength += to - from + 1;
    if (this.idsLength > this.ids.length) {
      const grown = new Int32Array(Math.max(this.ids.length * 2, this.idsLength));
      grown.set(this.ids.subarray(0, at));
      this.ids = grown;
    }
    this.ids[at] = to - from;
    for (let i = from, j = at + 1; i < to; i++, j++) this.ids[j] = tokens[i]!;
    return at;
  }

  private clear(): void {
    this.table.fill(0);
    this.keysLength = 0;
    this.idsLength = 0;
    this.entries = 0;
  }
}

function slotOf(first: number, second: number, length: number): number {
  let hash = Math.imul(first, 0x9e3779b1 | 0) ^ Math.imul(second + length, 0x85ebca6b | 0);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 16)) & (slots - 1);
}
