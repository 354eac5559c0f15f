// The shingles of the documents kept so far, on the disk: they are as large as the corpus itself, and few
// are looked at again. The file has no name, so that nothing is left of it whatever happens.

import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { CromwellError, systemReason } from "../../errors.ts";
import { randomSuffix, temporaryPath } from "../../project/replace-file.ts";

/** Values held before they are written. */
const heldMax = 1 << 18;

export class ShingleStore {
  readonly #file: number;
  readonly #beside: string;
  /** Where each document's shingles begin, in values; one more at the end. */
  #starts = new Float64Array(1 << 10);
  #count = 0;
  #held = new Uint32Array(heldMax);
  #heldFrom = 0;

  /** @param beside the file is made beside this one */
  constructor(beside: string) {
    this.#beside = beside;
    try {
      const path = temporaryPath(beside, randomSuffix());
      this.#file = openSync(path, "wx+", 0o600);
      rmSync(path);
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  /** Keeps a document's shingles under the next number, from 0. */
  add(shingles: Uint32Array): void {
    const end = this.#starts[this.#count]!;
    if (end - this.#heldFrom + shingles.length > heldMax) this.#flush(end);
    if (shingles.length > heldMax) {
      this.#write(shingles, end);
      this.#heldFrom = end + shingles.length;
    } else this.#held.set(shingles, end - this.#heldFrom);
    this.#count++;
    if (this.#count === this.#starts.length) {
      const grown = new Float64Array(this.#count * 2);
      grown.set(this.#starts);
      this.#starts = grown;
    }
    this.#starts[this.#count] = end + shingles.length;
  }

  length(document: number): number {
    return this.#starts[document + 1]! - this.#starts[document]!;
  }

  shingles(document: number): Uint32Array {
    const start = this.#starts[document]!;
    const length = this.length(document);
    if (start >= this.#heldFrom) {
      return this.#held.subarray(start - this.#heldFrom, start - this.#heldFrom + length);
    }
    const values = new Uint32Array(length);
    const bytes = new Uint8Array(values.buffer);
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(this.#file, bytes, done, bytes.length - done, start * 4 + done);
      if (read === 0) throw new CromwellError("internal", "the store of shingles is cut short");
      done += read;
    }
    return values;
  }

  close(): void {
    closeSync(this.#file);
  }

  #flush(end: number): void {
    this.#write(this.#held.subarray(0, end - this.#heldFrom), this.#heldFrom);
    this.#heldFrom = end;
  }

  #write(values: Uint32Array, start: number): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, start * 4 + done);
      }
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  #failed(cause: unknown): CromwellError {
    const why = systemReason(cause);
    return new CromwellError("input", `cannot write beside ${this.#beside}: ${why}`, { cause });
  }
}
