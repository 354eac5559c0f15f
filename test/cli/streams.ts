// A command line run in this process: streams that tests fill and read, an environment and a folder
// of its own, a signal to abort with.

import { ClosedOutput, type Io, type Output } from "../../src/cli/io.ts";
import { run } from "../../src/cli/program.ts";

export interface Setting {
  readonly stdin?: string | Uint8Array | undefined;
  /** stdin stays open and brings nothing. */
  readonly silent?: boolean | undefined;
  /** What the user types; stdin is then a terminal. */
  readonly typed?: string | undefined;
  readonly terminal?: boolean | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The reader of stdout goes away after this many writes. */
  readonly closesAfter?: number | undefined;
  readonly onOutput?: ((text: string) => void) | undefined;
  /** Gets all of stderr so far with each write to it. */
  readonly onMessage?: ((text: string) => void) | undefined;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** How often stdout was written to. */
  readonly writes: number;
}

class Collected implements Output {
  readonly parts: Uint8Array[] = [];

  constructor(
    readonly isTerminal: boolean,
    readonly closesAfter = Number.POSITIVE_INFINITY,
    readonly onOutput?: (text: string) => void,
  ) {}

  get styled(): boolean {
    return this.isTerminal;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.parts.length >= this.closesAfter) throw new ClosedOutput();
    this.parts.push(typeof data === "string" ? Buffer.from(data, "utf8") : data);
    this.onOutput?.(this.text);
  }

  get text(): string {
    return Buffer.concat(this.parts).toString("utf8");
  }
}

/** Runs a command line and returns what it wrote and its exit code. */
export async function cromwell(argv: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const { stdin, typed, terminal = false, closesAfter, onOutput } = setting;
  const stdout = new Collected(terminal, closesAfter, onOutput);
  const stderr = new Collected(terminal, undefined, setting.onMessage);
  const input = Buffer.from(typed ?? stdin ?? "");
  const io: Io = {
    stdin: {
      isTerminal: typed !== undefined,
      async *chunks() {
        if (setting.silent === true) await new Promise<never>(() => {});
        // In two pieces, cut anywhere, as a pipe would.
        const middle = Math.floor(input.length / 2);
        yield new Uint8Array(input.subarray(0, middle));
        yield new Uint8Array(input.subarray(middle));
      },
    },
    stdout,
    stderr,
    env: setting.env ?? {},
    cwd: setting.cwd ?? process.cwd(),
    signal: setting.signal ?? new AbortController().signal,
  };
  const code = await run(argv, io);
  return { code, stdout: stdout.text, stderr: stderr.text, writes: stdout.parts.length };
}
