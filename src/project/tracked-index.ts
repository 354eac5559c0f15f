// The file in which a repository keeps what it tracks: read at once, as its bytes tell whether anything
// is another, and made out when somebody asks what it says.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { systemCode, systemReason } from "../errors.ts";
import { type GitConfig, isTrue } from "./git-config.ts";
import { readIndex, type TrackedPath, UnreadableIndex } from "./git-index.ts";
import type { Repository } from "./repository.ts";
import { TrackedPaths } from "./tracked-paths.ts";

/** Ten times what the largest public repositories have. */
const bytesMax = 2 ** 29;

export class TrackedIndex {
  /** Undefined without a repository, and in one without a commit. */
  readonly bytes: Uint8Array | undefined;
  readonly #path: string;
  readonly #config: GitConfig;
  readonly #onNotice: (line: string) => void;
  #paths: TrackedPaths | undefined;

  constructor(
    repository: Repository | undefined,
    config: GitConfig,
    onNotice: (line: string) => void,
  ) {
    this.#config = config;
    this.#onNotice = onNotice;
    this.#path = repository === undefined ? "" : join(repository.own, "index");
    this.bytes = repository === undefined ? undefined : this.#read();
  }

  get paths(): TrackedPaths {
    this.#paths ??= new TrackedPaths(this.#makeOut(), isTrue(this.#config.get("core.ignorecase")));
    return this.#paths;
  }

  #read(): Uint8Array | undefined {
    try {
      if (statSync(this.#path).size > bytesMax) throw new UnreadableIndex("it is too large");
      return readFileSync(this.#path);
    } catch (error) {
      // A repository without a commit has none.
      if (systemCode(error) !== "ENOENT") this.#say(error);
      return undefined;
    }
  }

  #makeOut(): readonly TrackedPath[] {
    if (this.bytes === undefined) return [];
    const isLong = this.#config.get("extensions.objectformat") === "sha256";
    try {
      return readIndex(this.bytes, isLong ? 32 : 20);
    } catch (error) {
      this.#say(error);
      return [];
    }
  }

  #say(error: unknown): void {
    const why = error instanceof UnreadableIndex ? error.message : systemReason(error);
    this.#onNotice(`${this.#path} cannot be read: ${why}; what is tracked is not known`);
  }
}
