// The tokens of a vocabulary and a hash table over their bytes, built without making a string.
// At start the pass over all tokens must be cheap: a kernel makes it (kernels/strings.zig), and the hash
// looks at six bytes of a token at most.

import { CromwellError } from "../errors.ts";
import type { StringArray } from "../formats/string-array.ts";
import { tokenType } from "../formats/token-type.ts";
import { indexTokens } from "../native/kernels.ts";

/** Real vocabularies stay below 200: longer chains mean that the tokens were made to collide. */
const chainMax = 4096;

export class Vocabulary {
  readonly size: number;
  readonly strings: StringArray;
  readonly types: Uint8Array;
  /** By hash: the newest token plus one, or 0; `older` leads on from there in the same way. */
  private readonly newest: Int32Array;
  private readonly older: Int32Array;
  private readonly shift: number;

  /** Control, unknown and byte tokens are no text, and stay out of the table. */
  constructor(strings: StringArray, types: Uint8Array) {
    this.size = strings.length;
    this.strings = strings;
    this.types = types;
    const bits = Math.max(4, Math.ceil(Math.log2(this.size + 1)) + 1);
    this.shift = 32 - bits;
    this.newest = new Int32Array(2 ** bits);
    this.older = new Int32Array(this.size);
    const { buffer, offsets, gap } = strings;
    const id = indexTokens({ buffer, offsets, gap, types }, this.newest, this.older);
    if (id < this.size) {
      throw new CromwellError("model", `token ${id} is ${this.length(id)} bytes long`);
    }
  }

  /** Bytes of a token as the file writes it. */
  length(id: number): number {
    return this.strings.end(id) - this.strings.start(id);
  }

  /** Whether a token is ordinary text and has the bytes around the space of a merge. */
  isJoined(id: number, bytes: Uint8Array, start: number, space: number, end: number): boolean {
    if (this.types[id] !== tokenType.normal) return false;
    const { buffer, offsets, gap } = this.strings;
    const from = offsets[id]!;
    if (offsets[id + 1]! - gap - from !== end - start - 1) return false;
    for (let i = start, j = from; i < space; i++, j++) if (bytes[i] !== buffer[j]) return false;
    const shift = from - start - 1;
    for (let i = space + 1; i < end; i++) if (bytes[i] !== buffer[i + shift]) return false;
    return true;
  }

  private equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.strings.start(id);
    if (this.strings.end(id) - from !== end - start) return false;
    return sameBytes(this.strings.buffer, from, bytes, start, end);
  }

  /** The id of a token with these bytes, or -1; of repeated tokens the last, as in llama.cpp. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return -1;
    const slot = hashOf(bytes, start, end - start) >>> this.shift;
    let id = this.newest[slot]! - 1;
    for (let patience = chainMax; id >= 0; id = this.older[id]! - 1, patience--) {
      if (this.equals(id, bytes, start, end)) return id;
      if (patience === 0) throw colliding();
    }
    return -1;
  }

  /** The id of the token that two pieces of text joined make, or -1. */
  findJoined(left: Span, right: Span): number {
    const length = left.end - left.start + right.end - right.start;
    const slot = hashOfJoined(left, right, length) >>> this.shift;
    const { buffer, offsets, gap } = this.strings;
    let patience = chainMax;
    for (let id = this.newest[slot]! - 1; id >= 0; id = this.older[id]! - 1) {
      if (patience-- === 0) throw colliding();
      const start = offsets[id]!;
      if (offsets[id + 1]! - gap - start !== length) continue;
      const middle = start + left.end - left.start;
      if (
        sameBytes(buffer, start, left.bytes, left.start, left.end) &&
        sameBytes(buffer, middle, right.bytes, right.start, right.end)
      ) {
        return id;
      }
    }
    return -1;
  }
}

function colliding(): CromwellError {
  return new CromwellError("model", "the vocabulary's tokens all hash alike: it is damaged");
}

/** Some bytes of a buffer; kept and moved rather than made anew. */
export class Span {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;

  at(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return this;
  }
}

function sameBytes(
  bytes: Uint8Array,
  from: number,
  others: Uint8Array,
  start: number,
  end: number,
): boolean {
  for (let i = start, j = from; i < end; i++, j++) if (others[i] !== bytes[j]) return false;
  return true;
}

const factor = 0x01000193;

function mixed(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1 | 0);
}

/** As in kernels/strings.zig: of the length and the first, third, fourth, middle and last two bytes. */
function hashOf(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length;
  let hash = (Math.imul(length, factor) + bytes[start]!) | 0;
  if (length > 1) hash = (Math.imul(hash, factor) + bytes[end - 1]!) | 0;
  if (length > 2) hash = (Math.imul(hash, factor) + bytes[start + 2]!) | 0;
  if (length > 3) hash = (Math.imul(hash, factor) + bytes[start + 3]!) | 0;
  if (length > 4) hash = (Math.imul(hash, factor) + bytes[end - 2]!) | 0;
  if (length > 5) hash = (Math.imul(hash, factor) + bytes[start + (length >> 1)]!) | 0;
  return mixed(hash);
}

/** hashOf the two pieces joined. */
function hashOfJoined(left: Span, right: Span, length: number): number {
  let hash = (Math.imul(length, factor) + byteAt(left, right, 0)) | 0;
  if (length > 1) hash = (Math.imul(hash, factor) + byteAt(left, right, length - 1)) | 0;
  if (length > 2) hash = (Math.imul(hash, factor) + byteAt(left, right, 2)) | 0;
  if (length > 3) hash = (Math.imul(hash, factor) + byteAt(left, right, 3)) | 0;
  if (length > 4) hash = (Math.imul(hash, factor) + byteAt(left, right, length - 2)) | 0;
  if (length > 5) hash = (Math.imul(hash, factor) + byteAt(left, right, length >> 1)) | 0;
  return mixed(hash);
}

function byteAt(left: Span, right: Span, index: number): number {
  const inRight = index - (left.end - left.start);
  return inRight < 0 ? left.bytes[left.start + index]! : right.bytes[right.start + inRight]!;
}
