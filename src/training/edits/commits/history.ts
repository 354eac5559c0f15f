// The commits of a repository that change one source file of a known language, newest first, with the
// file before and after. What is read is bounded: commits, names, sizes, and time without a word of git.

import { isUtf8 } from "node:buffer";
import { breathe } from "../../../breathe.ts";
import { ObjectStore } from "./object-store.ts";
import { RunningGit } from "./running-git.ts";

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

/** Nothing where `root` has no history. Throws CromwellError "input" where git cannot be run or fails. */
export async function* fileChanges(
  root: string,
  { isSource, signal }: HistoryOptions,
): AsyncGenerator<FileChange> {
  const store = ObjectStore.open(root);
  if (store === undefined) return;
  const blobs = new Blobs(store, root, signal);
  const log = new RunningGit(store.git(logArguments(store.head)), root, signal);
  try {
    for await (const { commit, message, changes } of commitsOf(log, signal)) {
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
async function* commitsOf(log: RunningGit, signal?: AbortSignal): AsyncGenerator<Commit> {
  let commit = "";
  let message = "";
  let changes: Change[] = [];
  for (;;) {
    // Here, since a commit of many files is never handed over.
    await breathe(signal);
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
  readonly #sizes: RunningGit;
  readonly #contents: RunningGit;

  constructor(store: ObjectStore, root: string, signal?: AbortSignal) {
    this.#sizes = new RunningGit(store.git(["cat-file", "--batch-check"]), root, signal);
    this.#contents = new RunningGit(store.git(["cat-file", "--batch"]), root, signal);
  }

  /** Undefined for what is missing, no text, or too large: its size is asked for first. */
  async read(object: string): Promise<string | undefined> {
    const size = sizeIn(await this.#sizes.ask(object, tokenBytesMax));
    if (size === undefined || size > fileBytesMax) return undefined;
    if (sizeIn(await this.#contents.ask(object, tokenBytesMax)) !== size) return undefined;
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
