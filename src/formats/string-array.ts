// Many strings over one UTF-8 buffer: a vocabulary of 50,000 tokens opens as one array of offsets
// instead of 50,000 objects; a string is decoded, and its UTF-8 checked, only where it is used.

import { CromwellError } from "../errors.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export class StringArray {
  /**
   * String i is `buffer[offsets[i] .. offsets[i + 1] - gap)`: `gap` bytes that belong to no string
   * (GGUF's length prefixes) lie between two of them. `offsets` has one more entry than strings.
   */
  constructor(
    readonly buffer: Uint8Array,
    readonly offsets: Uint32Array,
    readonly gap = 0,
  ) {}

  static from(strings: Iterable<string>): StringArray {
    const parts = Array.from(strings, (text) => encoder.encode(text));
    const offsets = new Uint32Array(parts.length + 1);
    for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
    const buffer = new Uint8Array(offsets[parts.length]!);
    for (const [i, part] of parts.entries()) buffer.set(part, offsets[i]!);
    return new StringArray(buffer, offsets);
  }

  get length(): number {
    return this.offsets.length - 1;
  }

  /** The bytes of string `index`, a view of the buffer. */
  bytes(index: number): Uint8Array {
    return this.buffer.subarray(this.offsets[index], this.offsets[index + 1]! - this.gap);
  }

  /** String `index`; throws where it is not valid UTF-8. */
  get(index: number): string {
    try {
      return decoder.decode(this.bytes(index));
    } catch (cause) {
      throw new CromwellError("model", `string ${index} of an array is not valid UTF-8`, { cause });
    }
  }

  *[Symbol.iterator](): IterableIterator<string> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }
}
