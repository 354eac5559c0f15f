// A long list of strings that stay as UTF-8 bytes in one buffer until somebody asks for one.
// A vocabulary has 50,000 to 150,000 of them: decoding all at start would cost more than loading a model.

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class StringArray {
  /** The bytes that hold every string, not copied: the caller must not change them. */
  readonly buffer: Uint8Array;
  /** Where string i starts; one more entry than there are strings. */
  readonly offsets: Uint32Array;
  /** Bytes between the end of string i and offsets[i + 1]; 8 in GGUF, where a length stands there. */
  readonly gap: number;
  readonly length: number;

  /**
   * String i is buffer[offsets[i] .. offsets[i + 1] - gap). The offsets must ascend by at least
   * `gap` and end within buffer.length + gap: whoever parsed the file has checked that.
   */
  constructor(buffer: Uint8Array, offsets: Uint32Array, gap = 0) {
    this.buffer = buffer;
    this.offsets = offsets;
    this.gap = gap;
    this.length = Math.max(0, offsets.length - 1);
  }

  /** Copies JavaScript strings into one buffer; a lone surrogate becomes U+FFFD. */
  static from(strings: readonly string[]): StringArray {
    let units = 0;
    for (const text of strings) units += text.length;
    const buffer = new Uint8Array(units * 3);
    const offsets = new Uint32Array(strings.length + 1);
    const encoder = new TextEncoder();
    let end = 0;
    for (let i = 0; i < strings.length; i++) {
      end += encoder.encodeInto(strings[i]!, buffer.subarray(end)).written;
      offsets[i + 1] = end;
    }
    return new StringArray(buffer.slice(0, end), offsets);
  }

  /** First byte of string i in the buffer. */
  start(i: number): number {
    return this.offsets[i]!;
  }

  /** One past the last byte of string i in the buffer. */
  end(i: number): number {
    return this.offsets[i + 1]! - this.gap;
  }

  /** String i's bytes, a view of the buffer. */
  bytes(i: number): Uint8Array {
    if (!(i >= 0 && i < this.length)) throw new RangeError(`string ${i} of ${this.length}`);
    return this.buffer.subarray(this.start(i), this.end(i));
  }

  /** String i; bytes that are not UTF-8 become U+FFFD. */
  get(i: number): string {
    return decoder.decode(this.bytes(i));
  }

  *[Symbol.iterator](): Generator<string> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }
}
