// A file that grows by whole records while others read it. A record that a full disk does not take waits
// for room and is written later; a training of days does not end for want of its curve.

import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  writeSync,
} from "node:fs";
import { CromwellError, systemReason } from "../../errors.ts";

/** What is not on its way to the disk yet may be lost with the power: this much at most. */
const syncEvery_ms = 1_000;
/** Records that wait for room take this much memory at most. */
const waitingBytesMax = 8 * 1024 * 1024;

export class AppendFile {
  readonly path: string;
  readonly #file: number;
  readonly #onNotice: (line: string) => void;
  /** Bytes of whole records in the file. */
  #length: number;
  #waiting: Uint8Array[] = [];
  #timer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #failing = false;

  /** Opens or makes the file at `path`. Throws CromwellError "input" where it cannot be written. */
  constructor(path: string, onNotice: (line: string) => void) {
    this.path = path;
    this.#onNotice = onNotice;
    try {
      this.#file = openSync(path, "a");
      this.#length = fstatSync(this.#file).size;
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  }

  /** Cuts off what stands behind `length` bytes. */
  cut(length: number): void {
    try {
      ftruncateSync(this.#file, length);
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    }
    this.#length = length;
  }

  /** Writes a record; readers see all of it or nothing. Says once where the disk does not take it. */
  append(record: Uint8Array): void {
    this.#waiting.push(record);
    try {
      this.#write();
      this.#failing = false;
    } catch (error) {
      this.#dropOldest();
      if (!this.#failing)
        this.#onNotice(`${cannotWrite(this.path, error).message}: it is tried again`);
      this.#failing = true;
      return;
    }
    this.#timer ??= setTimeout(() => this.#sync(), syncEvery_ms);
  }

  /** Writes and syncs what is left. Throws CromwellError "input" where that cannot be done. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#syncing;
    try {
      this.#write();
      fdatasyncSync(this.#file);
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    } finally {
      closeSync(this.#file);
    }
  }

  #write(): void {
    const bytes = Buffer.concat(this.#waiting);
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      // Half a record would be taken for a damaged file.
      if (at > 0) ftruncateSync(this.#file, this.#length);
      throw error;
    }
    this.#length += bytes.length;
    this.#waiting = [];
  }

  #dropOldest(): void {
    let bytes = this.#waiting.reduce((sum, { length }) => sum + length, 0);
    while (bytes > waitingBytesMax) bytes -= this.#waiting.shift()!.length;
  }

  #sync(): void {
    this.#timer = undefined;
    // What fails here fails again, and is said, in close().
    this.#syncing = new Promise((resolve) => fdatasync(this.#file, () => resolve()));
  }
}

function cannotWrite(path: string, cause: unknown): CromwellError {
  return new CromwellError("input", `cannot write ${path}: ${systemReason(cause)}`, { cause });
}
