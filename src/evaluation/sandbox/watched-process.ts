// A process that is not trusted to end: its time, its output and the memory of all that it starts are
// watched from outside, and whatever is too much ends all of it.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { CromwellError, systemReason } from "../../errors.ts";

export interface Watch {
  /** Most time on the clock. */
  readonly seconds: number;
  /** Most bytes of stdout and stderr, each. */
  readonly outputBytes: number;
  /** Most memory of all its processes together, where the system tells. */
  readonly memoryBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export interface WatchedCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin: string;
}

/** What was too much, if anything. */
export type Excess = "time" | "output" | "memory";

export interface WatchedOutcome {
  readonly excess: Excess | undefined;
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** The beginnings of what it wrote. */
  readonly stdout: string;
  readonly stderr: string;
  /** What it wrote on descriptor 3. */
  readonly report: string;
  readonly milliseconds: number;
}

const memoryEvery_ms = 50;
const reportBytes = 4096;

/**
 * Runs a command with all that it starts in a group of its own, until it ends or has to. Throws
 * CromwellError "interrupted", and "input" where the command cannot be started.
 */
export function runWatched(command: WatchedCommand, watch: Watch): Promise<WatchedOutcome> {
  return new Promise((finish, fail) => {
    const started = performance.now();
    const child = spawn(command.command, [...command.arguments], {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    let excess: Excess | undefined;
    const end = (why?: Excess) => {
      excess ??= why;
      endGroup(child);
    };
    const interrupt = () => end();
    const timer = setTimeout(() => end("time"), watch.seconds * 1000);
    const looking = setInterval(() => {
      if (memoryOf(child.pid!) > watch.memoryBytes) end("memory");
    }, memoryEvery_ms);
    watch.signal?.addEventListener("abort", interrupt);
    const settle = () => {
      clearTimeout(timer);
      clearInterval(looking);
      watch.signal?.removeEventListener("abort", interrupt);
    };
    const tooMuch = () => end("output");
    const stdout = collect(child.stdout, watch.outputBytes, tooMuch);
    const stderr = collect(child.stderr, watch.outputBytes, tooMuch);
    const report = collect(child.stdio[3] as Readable, reportBytes, tooMuch);
    child.on("error", (cause) => {
      settle();
      const why = `cannot run ${command.command}: ${systemReason(cause)}`;
      fail(new CromwellError("input", why, { cause }));
    });
    // What it left running holds its output open.
    child.on("exit", interrupt);
    child.on("close", (exitCode) => {
      settle();
      if (watch.signal?.aborted) return fail(new CromwellError("interrupted", "interrupted"));
      const milliseconds = performance.now() - started;
      const texts = { stdout: stdout(), stderr: stderr(), report: report() };
      finish({ excess, exitCode, ...texts, milliseconds });
    });
    // It may end before it has read all.
    child.stdin.on("error", () => {});
    child.stdin.end(command.stdin);
    if (watch.signal?.aborted) interrupt();
  });
}

/** Keeps the first `most` bytes of a stream, and says so when there are more. */
function collect(stream: Readable, most: number, tooMuch: () => void): () => string {
  const parts: Buffer[] = [];
  let length = 0;
  stream.on("data", (chunk: Buffer) => {
    if (length < most) parts.push(chunk.subarray(0, most - length));
    length += chunk.length;
    if (length > most) tooMuch();
  });
  stream.on("error", () => {});
  return () => Buffer.concat(parts).toString("utf8");
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

const pageBytes = 4096;

/** Resident bytes of a process and all below it; 0 where the system does not tell. */
function memoryOf(pid: number): number {
  let bytes = 0;
  const open = [String(pid)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    bytes += Number(told(`/proc/${id}/statm`).split(" ")[1] ?? 0) * pageBytes;
    open.push(...told(`/proc/${id}/task/${id}/children`).split(" ").filter(Boolean));
  }
  return bytes;
}

/** What the system tells of a process that may be gone. */
function told(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
