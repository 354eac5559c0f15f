// Reads a file's header through pread into a buffer that grows with what the parser asks for, so
// that opening a model of many gigabytes costs only its header, and a hostile count costs nothing.

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { CromwellError, systemReason } from "../errors.ts";
import type { FilePart } from "./embedded-model.ts";

const firstRead = 2 * 1024 * 1024;

/** No real header comes near: a vocabulary of 256k tokens takes about 16 MB. */
const headerLimit = 256 * 1024 * 1024;

export class ByteSource {
  readonly size: number;
  /** Where it begins in its file. */
  readonly start: number;
  readonly fileSize: number;
  /** The first bytes, as many as have been asked for. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  readonly #file: number;

  /** @param part what of the file is read; default: all of it */
  constructor(
    readonly path: string,
    part?: FilePart,
  ) {
    try {
      // Looked at before it is opened: opening a pipe would wait for a writer.
      if (!statSync(path).isFile()) throw new Error("not a regular file");
      this.#file = openSync(path, "r");
    } catch (cause) {
      throw new CromwellError("input", `cannot open ${path}: ${systemReason(cause)}`, { cause });
    }
    this.fileSize = fstatSync(this.#file).size;
    this.start = part?.offset ?? 0;
    this.size = part?.size ?? this.fileSize;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Makes bytes [0, end) available; the caller has checked `end` against `size`. */
  require(end: number): void {
    if (end <= this.bytes.length) return;
    if (end > headerLimit) {
      throw new CromwellError(
        "model",
        `${this.path}: the header is larger than ${headerLimit / 1024 / 1024} MiB`,
      );
    }
    const wanted = Math.min(this.size, Math.max(end, firstRead, this.bytes.length * 2));
    const grown = new Uint8Array(wanted);
    grown.set(this.bytes);
    let filled = this.bytes.length;
    while (filled < wanted) {
      const count = this.#read(grown, filled, wanted - filled);
      if (count === 0) {
        throw new CromwellError("model", `${this.path}: the file became shorter while it was read`);
      }
      filled += count;
    }
    this.bytes = grown;
  }

  #read(into: Uint8Array, at: number, length: number): number {
    try {
      return readSync(this.#file, into, at, length, this.start + at);
    } catch (cause) {
      throw new CromwellError("input", `cannot read ${this.path}: ${systemReason(cause)}`, {
        cause,
      });
    }
  }
}
