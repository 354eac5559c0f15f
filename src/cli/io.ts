// What a verb may touch of the outside world, so that a test can hand it streams of its own.
// Data goes to stdout, all else to stderr.

import { CromwellError } from "../errors.ts";

export interface Output {
  readonly isTerminal: boolean;
  /** Whether escape sequences may be written: a terminal, without NO_COLOR and TERM=dumb. */
  readonly styled: boolean;
  /** The terminal's width as it is now, where it is known. */
  readonly columns?: number | undefined;
  /** Writes all of it; throws ClosedOutput when nobody reads any more. */
  write(data: string | Uint8Array): Promise<void>;
}

export interface Input {
  readonly isTerminal: boolean;
  chunks(): AsyncIterable<Uint8Array>;
}

export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts on Ctrl-C, SIGTERM and, with Hangup as its reason, SIGHUP. */
  readonly signal: AbortSignal;
}

/** The terminal is gone, or the connection to it: an interruption with an exit code of its own. */
export class Hangup extends Error {
  readonly exitCode = 129;

  constructor() {
    super("the terminal was closed");
    this.name = "Hangup";
  }
}

/** The reader of stdout is gone: no failure, there is only nobody left to write for. */
export class ClosedOutput extends Error {
  constructor() {
    super("the reader of the output is gone");
    this.name = "ClosedOutput";
  }
}

/** What a text on stdin or in a file may take: more than any context holds. */
const inputBytesMax = 256 * 1024 * 1024;

/**
 * All that `chunks` bring, byte for byte. Throws CromwellError "interrupted" as soon as the signal
 * aborts, and "input", calling the source `name`, after 256 MiB: a device may bring bytes for ever.
 */
export async function readAll(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const collect = async () => {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of chunks) {
      length += part.length;
      if (length > inputBytesMax) {
        const most = `${inputBytesMax / 1024 / 1024} MiB`;
        throw new CromwellError("input", `${name} is larger than ${most}, the most that is read`);
      }
      parts.push(part);
    }
    return Buffer.concat(parts);
  };
  return orInterrupted(collect(), signal);
}

/** One line of stdin without its end, for an answer on a terminal. */
export async function readLine(io: Io): Promise<string> {
  const collect = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const part of io.stdin.chunks()) {
      text += decoder.decode(part, { stream: true });
      const end = text.indexOf("\n");
      if (end >= 0) return text.slice(0, end).replace(/\r$/, "");
    }
    return text;
  };
  return orInterrupted(collect(), io.signal);
}

/** The result of `work`, or CromwellError "interrupted" as soon as the signal aborts. */
export function orInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new CromwellError("interrupted", "interrupted"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
