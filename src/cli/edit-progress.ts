// What `edit` says on stderr while it works: which part of a file is sent to the model and, on a terminal,
// a line of progress.

import type { EditEvent } from "../editor/events.ts";
import type { Io } from "./io.ts";
import { notice } from "./model-flags.ts";
import { ProgressLine } from "./progress.ts";

export class EditProgress {
  readonly #io: Io;
  readonly #file: string;
  readonly #attempts: number | undefined;
  readonly #line: ProgressLine;
  #tokens = 0;
  /** What is said is said in order, and an error of it is not lost. */
  #said: Promise<void> = Promise.resolve();

  constructor(io: Io, file: string, attempts: number | undefined) {
    this.#io = io;
    this.#file = file;
    this.#attempts = attempts;
    this.#line = new ProgressLine(io);
  }

  show(event: EditEvent): void {
    if (event.type === "start" && event.region !== null) {
      this.#say(`only ${placed(event.region, event.lines)} of ${this.#file} is sent to the model`);
    }
    if (event.type === "text") {
      this.#line.show(`editing: ${++this.#tokens} tokens${this.#which(event.attempt)}`);
    }
    if (event.type === "repair") this.#line.show(`trying again from line ${event.line}`);
    if (event.type === "checking") this.#line.show(`checking answer ${event.attempt}`);
  }

  #which(attempt: number): string {
    if (this.#attempts === undefined) return attempt > 1 ? ` (answer ${attempt})` : "";
    return this.#attempts > 1 ? ` (answer ${attempt} of ${this.#attempts})` : "";
  }

  async clear(): Promise<void> {
    await this.#line.clear();
    await this.#said;
  }

  #say(line: string): void {
    this.#said = this.#said.then(() => notice(this.#io, line));
    // Reported by clear(), which is awaited once the model is done.
    this.#said.catch(() => undefined);
  }
}

/** "Stack.push (lines 3 to 9)"; a region that is named by its lines has them already. */
function placed(region: string, [first, last]: readonly [number, number]): string {
  if (/^lines? \d/.test(region)) return region;
  return first === last ? `${region} (line ${first})` : `${region} (lines ${first} to ${last})`;
}
