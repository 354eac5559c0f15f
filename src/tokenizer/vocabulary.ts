// The tokens of a vocabulary with a hash table over their bytes, built in one pass without making strings.
// The hash of two tokens joined follows from their own hashes, so a merge is looked up without joining.

import { CromwellError } from "../errors.ts";
import type { StringArray } from "../formats/string-array.ts";

/** Values of tokenizer.ggml.token_type. */
export const tokenType = {
  normal: 1,
  unknown: 2,
  control: 3,
  userDefined: 4,
  unused: 5,
  byte: 6,
} as const;

const factor = 0x01000193;
const tokenBytesMax = 0xffff;
/** No honest vocabulary comes near: a longer search means that the tokens were made to collide. */
const probesMax = 2048;

export class Vocabulary {
  readonly size: number;
  readonly strings: StringArray;
  readonly types: Uint8Array;
  private readonly hashes: Int32Array;
  /** factor ** length modulo 2 ** 32. */
  private readonly powers: Int32Array;
  private readonly slots: Int32Array;
  private readonly shift: number;

  /** Control, unknown and byte tokens are no text, and stay out of the table. */
  constructor(strings: StringArray, types: Uint8Array) {
    this.size = strings.length;
    this.strings = strings;
    this.types = types;
    const bits = Math.max(4, Math.ceil(Math.log2(this.size + 1)) + 1);
    this.shift = 32 - bits;
    this.slots = new Int32Array(2 ** bits).fill(-1);
    this.hashes = new Int32Array(this.size);
    this.powers = new Int32Array(this.longest() + 1);
    this.powers[0] = 1;
    for (let i = 1; i < this.powers.length; i++) {
      this.powers[i] = Math.imul(this.powers[i - 1]!, factor);
    }
    this.fill();
  }

  private longest(): number {
    const { offsets, gap } = this.strings;
    let longest = 0;
    for (let id = 0; id < this.size; id++) {
      const length = offsets[id + 1]! - gap - offsets[id]!;
      if (length > longest) longest = length;
    }
    if (longest > tokenBytesMax) {
      throw new CromwellError(
        "model",
        `a token is ${longest} bytes long, more than ${tokenBytesMax}`,
      );
    }
    return longest;
  }

  private fill(): void {
    const { buffer, offsets, gap } = this.strings;
    const { hashes, slots, shift, types } = this;
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      const start = offsets[id]!;
      const end = offsets[id + 1]! - gap;
      let hash = 0;
      for (let i = start; i < end; i++) hash = (Math.imul(hash, factor) + buffer[i]! + 1) | 0;
      hashes[id] = hash;
      const type = types[id]!;
      if (start === end || type === 2 || type === 3 || type === 6) continue;
      let slot = slotOf(hash, shift);
      let probes = 0;
      // A repeated token: the last one is meant, as in llama.cpp.
      while (slots[slot]! >= 0 && !this.same(slots[slot]!, id)) {
        slot = (slot + 1) & mask;
        if (++probes > probesMax) {
          throw new CromwellError("model", "the vocabulary's tokens all hash alike: it is damaged");
        }
      }
      slots[slot] = id;
    }
  }

  private same(left: number, right: number): boolean {
    if (this.hashes[left] !== this.hashes[right]) return false;
    return this.equals(
      left,
      this.strings.buffer,
      this.strings.start(right),
      this.strings.end(right),
    );
  }

  length(id: number): number {
    return this.strings.end(id) - this.strings.start(id);
  }

  private equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { buffer } = this.strings;
    const from = this.strings.start(id);
    if (this.strings.end(id) - from !== end - start) return false;
    for (let i = start, j = from; i < end; i++, j++) if (bytes[i] !== buffer[j]) return false;
    return true;
  }

  /** Whether a token has these bytes and is ordinary text. */
  is(id: number, bytes: Uint8Array, length: number): boolean {
    const type = this.types[id];
    if (type !== tokenType.normal) return false;
    return this.equals(id, bytes, 0, length);
  }

  /** The id of a token with these bytes, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, factor) + bytes[i]! + 1) | 0;
    const mask = this.slots.length - 1;
    let slot = slotOf(hash, this.shift);
    for (let id = this.slots[slot]!; id >= 0; id = this.slots[slot]!) {
      if (this.hashes[id] === hash && this.equals(id, bytes, start, end)) return id;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** The id of the token that two tokens joined make, or -1. */
  findJoined(left: number, right: number): number {
    const { buffer } = this.strings;
    const rightLength = this.length(right);
    if (rightLength >= this.powers.length) return -1;
    const leftLength = this.length(left);
    const hash =
      (Math.imul(this.hashes[left]!, this.powers[rightLength]!) + this.hashes[right]!) | 0;
    const mask = this.slots.length - 1;
    let slot = slotOf(hash, this.shift);
    for (let id = this.slots[slot]!; id >= 0; id = this.slots[slot]!) {
      if (this.hashes[id] === hash && this.length(id) === leftLength + rightLength) {
        const middle = this.strings.start(id) + leftLength;
        if (
          this.equals(left, buffer, middle - leftLength, middle) &&
          this.equals(right, buffer, middle, middle + rightLength)
        ) {
          return id;
        }
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }
}

function slotOf(hash: number, shift: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1 | 0) >>> shift;
}
