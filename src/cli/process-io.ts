// The process's own streams and signals as a verb sees them. Writes go straight to the descriptors:
// each token is out when its write returns, and a blocked reader blocks no signal.

import { fstatSync, type NoParamCallback, read, readFileSync, write } from "node:fs";
import { CromwellError, systemCode, systemReason } from "../errors.ts";
import { ClosedOutput, Hangup, type Input, type Io, type Output, orInterrupted } from "./io.ts";

/** Wires stdin, stdout, stderr, SIGINT, SIGTERM and, but for `nohup`, SIGHUP. */
export function processIo(): Io {
  const controller = new AbortController();
  const stop = () => {
    // A second signal does not wait for anything to end cleanly.
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  // A terminal that closes may say so more than once: from the system, and from the shell.
  if (hearsHangup()) process.on("SIGHUP", () => controller.abort(new Hangup()));
  return {
    stdin: descriptorInput(0),
    stdout: descriptorOutput(1, "standard output", controller.signal),
    stderr: descriptorOutput(2, "standard error"),
    env: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
  };
}

/**
 * Whether a closed terminal is to end the process: not where `nohup` has it ignored, which a handler
 * would undo. Where the system does not tell, what it does by itself stays.
 */
function hearsHangup(): boolean {
  try {
    const ignored = /^SigIgn:\t[0-9a-f]*([0-9a-f])$/m.exec(readFileSync(statusFile, "latin1"))?.[1];
    return ignored !== undefined && (Number.parseInt(ignored, 16) & 1) === 0;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

/** What Linux says of the process; the last bit of SigIgn is SIGHUP. */
const statusFile = "/proc/self/status";

/** A descriptor as standard input; EAGAIN and EINTR are waited out. */
export function descriptorInput(descriptor: number): Input {
  return {
    get isTerminal() {
      return isTerminal(descriptor);
    },
    async *chunks() {
      const buffer = new Uint8Array(64 * 1024);
      for (;;) {
        const count = await readSome(descriptor, buffer);
        if (count === 0) return;
        yield buffer.slice(0, count);
      }
    },
  };
}

/** Only a character device can be a terminal; the module that knows costs a start-up of pipes. */
function isTerminal(descriptor: number): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch (error) {
    if (systemCode(error) === "EBADF") return false;
    throw error;
  }
  const { isatty } = require("node:tty") as typeof import("node:tty");
  return isatty(descriptor);
}

/** Bun looks at the width again only where somebody listens for a change of it. */
function columnsOf(descriptor: number): number | undefined {
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  if (stream.listenerCount("resize") === 0) stream.on("resize", () => undefined);
  return stream.columns;
}

function readSome(descriptor: number, buffer: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, 0, buffer.length, null, (error, count) => {
      if (error === null) resolve(count);
      else if (isRetry(error)) {
        setTimeout(() => readSome(descriptor, buffer).then(resolve, reject), retryMs);
      } else reject(cannotRead(error));
    });
  });
}

function cannotRead(cause: unknown): CromwellError {
  const why = systemReason(cause);
  return new CromwellError("input", `cannot read standard input: ${why}`, { cause });
}

/** Pause before a descriptor that another process made non-blocking is tried again. */
const retryMs = 5;

function isRetry(error: unknown): boolean {
  const code = systemCode(error);
  return code === "EAGAIN" || code === "EINTR";
}

/**
 * A descriptor as an output; styled as NO_COLOR and TERM allow. The signal ends a write that waits
 * for a reader who does not read. Throws CromwellError "input", naming the stream where
 * the system does not write.
 */
export function descriptorOutput(descriptor: number, name: string, signal?: AbortSignal): Output {
  return {
    get isTerminal() {
      return isTerminal(descriptor);
    },
    get styled() {
      const { NO_COLOR, TERM } = process.env;
      return !NO_COLOR && TERM !== "dumb" && isTerminal(descriptor);
    },
    get columns() {
      return isTerminal(descriptor) ? columnsOf(descriptor) : undefined;
    },
    async write(data) {
      const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : data;
      for (let at = 0; at < bytes.length; ) {
        const written = writeSome(descriptor, bytes.subarray(at), name);
        // What is said after an interruption is its report, which nothing interrupts.
        const waits = signal === undefined || signal.aborted;
        at += await (waits ? written : orInterrupted(written, signal));
      }
    },
  };
}

/** Writes what fits, in a thread of its own: a full pipe must not keep signals waiting. */
function writeSome(descriptor: number, bytes: Uint8Array, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (error: Parameters<NoParamCallback>[0], count: number) => {
      if (error === null) resolve(count);
      else if (isRetry(error)) {
        setTimeout(() => writeSome(descriptor, bytes, name).then(resolve, reject), retryMs);
      } else reject(systemCode(error) === "EPIPE" ? new ClosedOutput() : cannotWrite(name, error));
    };
    write(descriptor, bytes, 0, bytes.length, null, done);
  });
}

function cannotWrite(name: string, cause: unknown): CromwellError {
  return new CromwellError("input", `cannot write ${name}: ${systemReason(cause)}`, { cause });
}
