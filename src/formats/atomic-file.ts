// A file that appears under its name only when it is whole: written beside its place, synced, then
// renamed. Whatever goes wrong before that, disk full or Ctrl-C, leaves nothing behind.

import {
  closeSync,
  fchmodSync,
  fsync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  write,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { CromwellError, systemReason } from "../errors.ts";
import { modeOf, openBeside, resolveTarget, syncFolder } from "../project/replace-file.ts";

export interface WriteOptions {
  /** Looked at between chunks; an abort leaves no file. */
  readonly signal?: AbortSignal | undefined;
  /** Files that are being read: writing over one of them is refused. */
  readonly inputs?: readonly string[];
  /** Gets every byte that is written, before the next chunk is asked for. */
  readonly hash?: { update(bytes: Uint8Array): unknown };
  /** Writes in a thread of its own: this one computes meanwhile. */
  readonly background?: boolean;
}

const writeInThread = promisify(write);
const syncInThread = promisify(fsync);

/** The event loop gets a turn at least this often, so that a signal is seen. */
const breathEvery_ms = 20;

export class AtomicFile {
  readonly path: string;
  /** Bytes written so far. */
  position = 0;
  /** Where links lead; an existing file there is replaced and keeps its mode. */
  readonly #target: string;
  readonly #mode: number | undefined;
  readonly #temporary: string;
  readonly #signal: AbortSignal | undefined;
  readonly #hash: WriteOptions["hash"];
  readonly #background: boolean;
  readonly #file: number;
  #open = true;
  #lastBreath = performance.now();

  constructor(path: string, options: WriteOptions = {}) {
    refuseInput(path, options.inputs ?? []);
    this.path = path;
    this.#signal = options.signal;
    this.#hash = options.hash;
    this.#background = options.background ?? false;
    this.#throwIfAborted();
    try {
      this.#target = resolveTarget(path);
      this.#mode = modeOf(this.#target, path);
      const temporary = openBeside(this.#target, this.#mode);
      this.#temporary = temporary.path;
      this.#file = temporary.file;
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  /** Appends bytes; lets the event loop run now and then and honours the signal. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#throwIfAborted();
    try {
      for (let done = 0; done < bytes.length; ) {
        done += await this.#writeSome(bytes, done, Math.min(bytes.length - done, 4 << 20));
      }
    } catch (cause) {
      throw this.#failed(cause);
    }
    this.#hash?.update(bytes);
    this.position += bytes.length;
    if (performance.now() - this.#lastBreath < breathEvery_ms) return;
    await new Promise((resume) => setImmediate(resume));
    this.#lastBreath = performance.now();
    this.#throwIfAborted();
  }

  /** Appends zeros up to a multiple of `alignment`. */
  async pad(alignment: number): Promise<void> {
    const length = Math.ceil(this.position / alignment) * alignment - this.position;
    if (length > 0) await this.write(new Uint8Array(length));
  }

  /** Makes the file appear under its name. */
  async commit(): Promise<void> {
    try {
      if (this.#mode !== undefined) fchmodSync(this.#file, this.#mode);
      await syncInThread(this.#file);
      this.#throwIfAborted();
      this.#close();
      renameSync(this.#temporary, this.#target);
      syncFolder(dirname(this.#target));
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  /** Removes what was written. Does nothing after a commit. */
  discard(): void {
    if (this.#open) this.#close();
    rmSync(this.#temporary, { force: true });
  }

  async #writeSome(bytes: Uint8Array, at: number, count: number): Promise<number> {
    if (!this.#background) return writeSync(this.#file, bytes, at, count);
    return (await writeInThread(this.#file, bytes, at, count, null)).bytesWritten;
  }

  #close(): void {
    this.#open = false;
    closeSync(this.#file);
  }

  #throwIfAborted(): void {
    if (this.#signal?.aborted) {
      throw new CromwellError("interrupted", `writing ${this.path} was interrupted`);
    }
  }

  #failed(cause: unknown): CromwellError {
    if (cause instanceof CromwellError) return cause;
    return new CromwellError("input", `cannot write ${this.path}: ${systemReason(cause)}`, {
      cause,
    });
  }
}

/** Runs `body` on a new file and commits it; any error discards the file and is passed on. */
export async function writeAtomically(
  path: string,
  options: WriteOptions,
  body: (file: AtomicFile) => Promise<void>,
): Promise<void> {
  const file = new AtomicFile(path, options);
  try {
    await body(file);
    await file.commit();
  } finally {
    file.discard();
  }
}

/** Makes a folder and what is missing above it; returns the topmost that it made, if any. */
export function makeFolder(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new CromwellError("input", `cannot make the folder ${path}: ${systemReason(cause)}`, {
      cause,
    });
  }
}

/** Throws where `path` is one of the files that are being read, by whatever name. */
export function refuseInput(path: string, inputs: readonly string[]): void {
  const target = statSync(path, { throwIfNoEntry: false });
  if (target === undefined) return;
  for (const input of inputs) {
    const source = statSync(input, { throwIfNoEntry: false });
    if (source !== undefined && source.ino === target.ino && source.dev === target.dev) {
      throw new CromwellError("usage", `${path} is the input itself`, {
        hint: "name another output",
      });
    }
  }
}
