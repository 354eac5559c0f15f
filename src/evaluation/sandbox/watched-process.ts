// A process that is not trusted to end: its time, its output and the memory of all that it starts are
// watched from outside, and whatever is too much ends all of it.

import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { CromwellError, systemReason } from "../../errors.ts";
import { memoryOf } from "./process-memory.ts";

export interface Watch {
  /** Most time on the clock. */
  readonly seconds: number;
  /** Where given, its clock starts when it says "ready" on descriptor 3, and this is its time until then. */
  readonly setupSeconds?: number;
  /** Most bytes of stdout and stderr, each. */
  readonly outputBytes: number;
  /** Most memory of all its processes together, where the system tells. */
  readonly memoryBytes: number;
  /** How long to wait for what has left its group and holds its output open; default: as long as it lives. */
  readonly leftBehindMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface WatchedCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A function is asked for it, with the process, when the command first says something on descriptor 3. */
  readonly stdin: string | ((pid: number) => string);
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
    let started = performance.now();
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
    const endAfter = (seconds: number) => setTimeout(() => end("time"), seconds * 1000);
    let timer = endAfter(watch.setupSeconds ?? watch.seconds);
    let closing: Timer | undefined;
    const looking = setInterval(() => {
      if (memoryOf(child.pid!) > watch.memoryBytes) end("memory");
    }, memoryEvery_ms);
    watch.signal?.addEventListener("abort", interrupt);
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(closing);
      clearInterval(looking);
      watch.signal?.removeEventListener("abort", interrupt);
    };
    const tooMuch = () => end("output");
    const stdout = collect(child.stdout, watch.outputBytes, tooMuch);
    const stderr = collect(child.stderr, watch.outputBytes, tooMuch);
    const reports = child.stdio[3] as Readable;
    const report = collect(reports, reportBytes, tooMuch);
    let isReady = watch.setupSeconds === undefined;
    reports.on("data", () => {
      if (isReady || !saysReady(report())) return;
      isReady = true;
      clearTimeout(timer);
      timer = endAfter(watch.seconds);
      started = performance.now();
    });
    child.on("error", (cause) => {
      settle();
      const why = `cannot run ${command.command}: ${systemReason(cause)}`;
      fail(new CromwellError("input", why, { cause }));
    });
    // What it left running holds its output open.
    child.on("exit", () => {
      interrupt();
      if (watch.leftBehindMs === undefined) return;
      closing = setTimeout(() => {
        for (const stream of [child.stdout, child.stderr, reports]) stream.destroy();
      }, watch.leftBehindMs);
    });
    child.on("close", (exitCode) => {
      settle();
      if (watch.signal?.aborted) return fail(new CromwellError("interrupted", "interrupted"));
      const milliseconds = performance.now() - started;
      const texts = { stdout: stdout(), stderr: stderr(), report: report() };
      finish({ excess, exitCode, ...texts, milliseconds });
    });
    // It may end before it has read all.
    child.stdin.on("error", () => {});
    const { stdin } = command;
    if (typeof stdin === "string") child.stdin.end(stdin);
    else reports.once("data", () => child.stdin.end(stdin(child.pid!)));
    if (watch.signal?.aborted) interrupt();
  });
}

/** Whether a report has come to where the program itself starts. */
export function saysReady(report: string): boolean {
  return /^ready$/m.test(report);
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
