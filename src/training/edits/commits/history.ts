// The commits of a repository that change one source file of a known language, newest first, with the
// file before and after. What is read is bounded: commits, names, sizes, and time without a word of git.

import { isUtf8 } from "node:buffer";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { breathe } from "../../../breathe.ts";
import { CromwellError, systemReason } from "../../../errors.ts";
import { ObjectStore } from "./object-store.ts";

export interface FileChange {
  readonly commit: string;
  readonly message: string;
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface HistoryOptions {
  /** Whether a change of this file is looked for. */
  readonly isSource: (path: string) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Older ones are not looked at. */
const commitsMax = 20_000;
/** A commit that changes more is not small. */
const filesMax = 6;
const fileBytesMax = 200_000;
const tokenBytesMax = 65_536;
const silenceMs = 30_000;

/** Nothing where `root` has no history. Throws CromwellError "input" where git cannot be run or fails. */
export async function* fileChanges(
  root: string,
  { isSource, signal }: HistoryOptions,
): AsyncGenerator<FileChange> {
  const store = ObjectStore.open(root);
  if (store === undefined) return;
  const blobs = new Blobs(store, root);
  const log = new Running(store.git(logArguments(store.head)), root);
  try {
    for await (const { commit, message, changes } of commitsOf(log)) {
      await breathe(signal);
      const sources = changes.filter(({ path }) => isSource(path));
      const [change] = sources;
      if (sources.length !== 1 || change === undefined || !change.isModified) continue;
      const before = await blobs.read(change.before);
      const after = await blobs.read(change.after);
      if (before === undefined || after === undefined) continue;
      yield { commit, message, path: change.path, before, after };
    }
  } finally {
    log.end();
    blobs.close();
    store.close();
  }
}

function logArguments(head: string): string[] {
  const plain = [
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-notes",
    "--no-show-signature",
  ];
  const shape = ["--raw", "--no-abbrev", "-z", "--format=%x01%H%x00%B%x00"];
  return ["log", `--max-count=${commitsMax}`, "--no-merges", ...plain, ...shape, head, "--"];
}

interface Change {
  readonly path: string;
  /** A plain file before and after. */
  readonly isModified: boolean;
  readonly before: string;
  readonly after: string;
}

interface Commit {
  readonly commit: string;
  readonly message: string;
  readonly changes: readonly Change[];
}

const rawChange = /^\n?:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ([A-Z])\d*$/;

/** Of what git says, each thing ended by a zero: the commit, its message, then a change and a path each. */
async function* commitsOf(log: Running): AsyncGenerator<Commit> {
  let commit = "";
  let message = "";
  let changes: Change[] = [];
  for (;;) {
    const token = await log.until(0, tokenBytesMax);
    if (token === undefined || token.startsWith("\x01")) {
      if (changes.length > 0 && changes.length <= filesMax) yield { commit, message, changes };
      if (token === undefined) return;
      commit = token.slice(1);
      message = (await log.until(0, tokenBytesMax)) ?? "";
      changes = [];
      continue;
    }
    const raw = rawChange.exec(token);
    if (raw === null) continue;
    const path = (await log.until(0, tokenBytesMax)) ?? "";
    const [, modeBefore, modeAfter, before, after, status] = raw;
    const isModified = status === "M" && modeBefore!.startsWith("100") && modeBefore === modeAfter;
    // More are counted no further: they are too many already.
    if (changes.length <= filesMax)
      changes.push({ path, isModified, before: before!, after: after! });
  }
}

/** Files by their object's name. */
class Blobs {
  readonly #sizes: Running;
  readonly #contents: Running;

  constructor(store: ObjectStore, root: string) {
    this.#sizes = new Running(store.git(["cat-file", "--batch-check"]), root);
    this.#contents = new Running(store.git(["cat-file", "--batch"]), root);
  }

  /** Undefined for what is missing, no text, or too large: its size is asked for first. */
  async read(object: string): Promise<string | undefined> {
    const size = sizeIn(await this.#sizes.ask(object));
    if (size === undefined || size > fileBytesMax) return undefined;
    if (sizeIn(await this.#contents.ask(object)) !== size) return undefined;
    const bytes = await this.#contents.bytes(size + 1);
    return bytes === undefined || !isUtf8(bytes) || bytes.includes(0)
      ? undefined
      : bytes.toString("utf8", 0, size);
  }

  close(): void {
    this.#sizes.end();
    this.#contents.end();
  }
}

function sizeIn(line: string | undefined): number | undefined {
  const size = /^[0-9a-f]{40} blob (\d{1,12})$/.exec(line ?? "")?.[1];
  return size === undefined ? undefined : Number(size);
}

/** A git that runs, and what it says, piece by piece. */
class Running {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #root: string;
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;

  constructor(child: ChildProcessWithoutNullStreams, root: string) {
    this.#child = child;
    this.#root = root;
    this.#chunks = child.stdout[Symbol.asyncIterator]();
    child.on("error", (error) => {
      this.#failure = error;
      child.stdout.destroy();
    });
    // It may have ended before it is asked; what it complains of is not ours to show.
    child.stdin.on("error", () => {});
    child.stderr.resume();
  }

  /** What comes before the next such byte; undefined at the end. Longer than `most` counts as cut off. */
  async until(byte: number, most: number): Promise<string | undefined> {
    let searched = 0;
    for (;;) {
      const at = this.#held.indexOf(byte, searched);
      if (at >= 0) {
        const text = this.#held.toString("utf8", 0, Math.min(at, most));
        this.#held = this.#held.subarray(at + 1);
        return text;
      }
      searched = this.#held.length;
      if (searched > 64 * most) throw this.#trouble("it says too much at once");
      if (!(await this.#more())) return undefined;
    }
  }

  async bytes(count: number): Promise<Buffer | undefined> {
    while (this.#held.length < count) if (!(await this.#more())) return undefined;
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async ask(line: string): Promise<string | undefined> {
    this.#child.stdin.write(`${line}\n`);
    return await this.until(10, tokenBytesMax);
  }

  end(): void {
    this.#child.stdout.destroy();
    this.#child.kill("SIGKILL");
  }

  async #more(): Promise<boolean> {
    let timer: Timer | undefined;
    const silence = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(this.#trouble("it takes too long")), silenceMs);
    });
    try {
      const next = await Promise.race([this.#chunks.next(), silence]);
      if (this.#failure !== undefined) throw this.#failure;
      if (next.done === true) return false;
      this.#held = Buffer.concat([this.#held, next.value]);
      return true;
    } catch (cause) {
      if (cause instanceof CromwellError) throw cause;
      throw this.#trouble(systemReason(this.#failure ?? cause));
    } finally {
      clearTimeout(timer);
    }
  }

  #trouble(why: string): CromwellError {
    return new CromwellError("input", `git cannot read the history of ${this.#root}: ${why}`, {
      hint: "git must be installed; leave out the kind commit to make edits without history",
    });
  }
}
