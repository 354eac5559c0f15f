// A file that appears under its name only when it is whole: written beside its place, synced, then
// renamed. Whatever goes wrong before that, disk full or Ctrl-C, leaves nothing behind.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CromwellError } from "../errors.ts";
import { reason } from "./byte-source.ts";

export interface WriteOptions {
  /** Looked at between chunks; an abort leaves no file. */
  readonly signal?: AbortSignal | undefined;
  /** Files that are being read: writing over one of them is refused. */
  readonly inputs?: readonly string[];
  /** Gets every byte that is written, before the next chunk is asked for. */
  readonly hash?: { update(bytes: Uint8Array): unknown };
}

/** The event loop gets a turn at least this often, so that a signal is seen. */
const breathEvery_ms = 20;

export class AtomicFile {
  readonly path: string;
  /** Bytes written so far. */
  position = 0;
  readonly #temporary: string;
  readonly #signal: AbortSignal | undefined;
  readonly #hash: WriteOptions["hash"];
  readonly #file: number;
  #open = true;
  #lastBreath = performance.now();

  constructor(path: string, options: WriteOptions = {}) {
    refuseInput(path, options.inputs ?? []);
    this.path = resolvedTarget(path);
    this.#signal = options.signal;
    this.#hash = options.hash;
    const unique = `${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
    this.#temporary = join(
      dirname(this.path),
      `.${basename(this.path).slice(0, 200)}.${unique}.part`,
    );
    this.#throwIfAborted();
    try {
      this.#file = openSync(this.#temporary, "wx", 0o666);
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  /** Appends bytes; lets the event loop run now and then and honours the signal. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#throwIfAborted();
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#file, bytes, done, Math.min(bytes.length - done, 4 << 20));
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
  commit(): void {
    try {
      fsyncSync(this.#file);
      this.#close();
      renameSync(this.#temporary, this.path);
    } catch (cause) {
      throw this.#failed(cause);
    }
    syncFolder(dirname(this.path));
  }

  /** Removes what was written. Does nothing after a commit. */
  discard(): void {
    if (this.#open) this.#close();
    rmSync(this.#temporary, { force: true });
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
    return new CromwellError("input", `cannot write ${this.path}: ${reason(cause)}`, { cause });
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
    file.commit();
  } finally {
    file.discard();
  }
}

/** Makes a folder and what is missing above it. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new CromwellError("input", `cannot make the folder ${path}: ${reason(cause)}`, { cause });
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

/** A symbolic link stays one: what it points to is replaced. */
function resolvedTarget(path: string): string {
  const target = statSync(path, { throwIfNoEntry: false });
  if (target === undefined) return path;
  if (target.isFile()) return realpathSync(path);
  throw new CromwellError("input", `cannot write ${path}: it exists and is not a regular file`);
}

/** Makes the rename itself last; some systems cannot sync a folder, which loses nothing else. */
function syncFolder(path: string): void {
  let folder: number | undefined;
  try {
    folder = openSync(path, "r");
    fsyncSync(folder);
  } catch {
    return;
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}
