// Turns tokens into text as they come. A character may be spread over several tokens: its bytes wait
// here until it is whole, so that what is printed is always valid.

import { completeLength } from "./bytes.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class StreamDecoder {
  /** Bytes of a character that is not whole yet, at most three. */
  private waiting: Uint8Array = new Uint8Array(0);

  /** @param bytesOf the bytes that a token adds to the text, asked once a token, in order */
  constructor(private readonly bytesOf: (id: number) => Uint8Array) {}

  /** The text that this token completes, often none. */
  push(id: number): string {
    const added = this.bytesOf(id);
    if (added.length === 0) return "";
    const bytes = new Uint8Array(this.waiting.length + added.length);
    bytes.set(this.waiting);
    bytes.set(added, this.waiting.length);
    const complete = completeLength(bytes, bytes.length);
    this.waiting = bytes.subarray(complete);
    return decoder.decode(bytes.subarray(0, complete));
  }

  /** What is left: U+FFFD if the last character was never completed. */
  end(): string {
    const rest = decoder.decode(this.waiting);
    this.waiting = new Uint8Array(0);
    return rest;
  }
}
