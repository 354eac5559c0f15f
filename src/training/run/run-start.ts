// The start of a run, which may fail: at a corpus without text, at a full disk. A folder then holds what it
// held before, unless there are tokens or checkpoints to go on from.

import { existsSync, readdirSync } from "node:fs";
import type { RunFolder } from "./run-folder.ts";

export class RunStart {
  readonly #folder: RunFolder;
  readonly #before: ReadonlySet<string>;
  readonly #signal: AbortSignal | undefined;
  #isKept = false;

  /**
   * In a folder that is locked: no other training writes there, but the user may.
   * @param signal whoever interrupts a start may go on with it
   */
  constructor(folder: RunFolder, signal: AbortSignal | undefined) {
    this.#folder = folder;
    this.#signal = signal;
    this.#before = new Set(readdirSync(folder.path));
  }

  /** What has been made stays. */
  keep(): void {
    this.#isKept = true;
  }

  close(): void {
    const { data, checkpoints } = this.#folder;
    if (
      this.#isKept ||
      this.#signal?.aborted ||
      holds(data, ".tokens") ||
      holds(checkpoints, ".gguf")
    )
      return;
    this.#folder.removeMade(this.#before);
  }
}

function holds(folder: string, ending: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(ending));
}
