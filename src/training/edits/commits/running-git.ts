// A git that answers piece by piece. How much it says at once and how long it is silent are bounded, and
// waiting for it hears the signal.

import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { throwIfInterrupted } from "../../../breathe.ts";
import { CromwellError, systemReason } from "../../../errors.ts";

const silenceMs = 30_000;

/** A git that runs, and what it says, piece by piece. */
export class RunningGit {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #root: string;
  readonly #signal: AbortSignal | undefined;
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;

  constructor(child: ChildProcessWithoutNullStreams, root: string, signal?: AbortSignal) {
    this.#child = child;
    this.#root = root;
    this.#signal = signal;
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

  /** The line that it answers a line with. */
  async ask(line: string, most: number): Promise<string | undefined> {
    this.#child.stdin.write(`${line}\n`);
    return await this.until(10, most);
  }

  end(): void {
    this.#child.stdout.destroy();
    this.#child.kill("SIGKILL");
  }

  async #more(): Promise<boolean> {
    const signal = this.#signal;
    throwIfInterrupted(signal);
    const { promise: stop, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(this.#trouble("it takes too long")), silenceMs);
    const interrupt = () => reject(new CromwellError("interrupted", "interrupted"));
    signal?.addEventListener("abort", interrupt);
    try {
      const next = await Promise.race([this.#chunks.next(), stop]);
      if (this.#failure !== undefined) throw this.#failure;
      if (next.done === true) return false;
      this.#held = Buffer.concat([this.#held, next.value]);
      return true;
    } catch (cause) {
      if (cause instanceof CromwellError) throw cause;
      throw this.#trouble(systemReason(this.#failure ?? cause));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
    }
  }

  #trouble(why: string): CromwellError {
    return new CromwellError("input", `git cannot read the history of ${this.#root}: ${why}`, {
      hint: "git must be installed; leave out the kind commit to make edits without history",
    });
  }
}
