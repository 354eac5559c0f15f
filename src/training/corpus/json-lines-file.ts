// A JSON lines file that appears when it is whole. Lines are gathered before they are written, and what
// is written may be larger than memory.

import { AtomicFile, type WriteOptions } from "../../formats/atomic-file.ts";

const gatheredMax = 1 << 20;

export class JsonLinesFile {
  readonly #file: AtomicFile;
  #lines: string[] = [];
  #gathered = 0;

  constructor(path: string, options: WriteOptions) {
    this.#file = new AtomicFile(path, options);
  }

  /** A line with its end. */
  async write(line: string): Promise<void> {
    this.#lines.push(line);
    this.#gathered += line.length;
    if (this.#gathered >= gatheredMax) await this.#flush();
  }

  async commit(): Promise<void> {
    await this.#flush();
    await this.#file.commit();
  }

  /** Removes what was written. Does nothing after a commit. */
  discard(): void {
    this.#file.discard();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#lines.join(""));
    this.#lines = [];
    this.#gathered = 0;
    await this.#file.write(bytes);
  }
}
