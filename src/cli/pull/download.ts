// Downloads one file over HTTP into NAME.part and renames it when it is whole and its hash is right.
// A download that stopped goes on where it was; a host that is silent is given up.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { CromwellError, systemCode, systemReason } from "../../errors.ts";
import { hashFile } from "../hash-file.ts";
import { readableBytes } from "../terminal.ts";
import { lock } from "./lock.ts";

export interface Download {
  readonly url: string;
  /** Where the whole file goes; it grows at `${target}.part`. */
  readonly target: string;
  /** Expected size and SHA-256, where they are known. */
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: (received: number, total: number | undefined) => void;
  /** Receives what the user should know. */
  readonly onNotice?: (line: string) => Promise<void>;
}

/** How long a host may take to answer, and how long a transfer may pause. */
const answerTimeoutMs = 5_000;
const pauseTimeoutMs = 20_000;

/**
 * Downloads and returns the file's SHA-256. Throws CromwellError "network" (the part stays, unless
 * its hash is wrong), "input" where it cannot be written or another pull writes it, "interrupted".
 */
export async function download(job: Download): Promise<string> {
  const part = `${job.target}.part`;
  const held = lock(part);
  try {
    if (held.takenOver) await job.onNotice?.("an earlier pull ended without its lock: taken over");
    return await complete(job, part);
  } finally {
    held.release();
  }
}

async function complete(job: Download, part: string): Promise<string> {
  const have = sizeOf(part);
  if (have === 0 || have !== job.size) await receive(job, part, have);
  const sha256 = await hashFile(part, job.signal);
  if (job.sha256 !== undefined && sha256 !== job.sha256) {
    rmSync(part);
    throw new CromwellError(
      "network",
      `${job.url}: its SHA-256 is ${sha256}, not ${job.sha256}; the download was removed`,
      { hint: "run the pull again" },
    );
  }
  renameSync(part, job.target);
  return sha256;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

async function receive(job: Download, part: string, have: number): Promise<void> {
  const headers: Record<string, string> = have > 0 ? { Range: `bytes=${have}-` } : {};
  const { response, watch } = await request(job.url, job.signal, { headers });
  try {
    const body = await acceptedBody(job.url, response, part, have);
    const start = response.status === 206 ? have : 0;
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    const total = job.size ?? (Number.isFinite(length) ? start + length : undefined);
    const received = await store(job, part, start, total, body, watch);
    if (total !== undefined && received !== total) {
      throw new CromwellError(
        "network",
        `${job.url}: the transfer ended at ${readableBytes(received)} of ${readableBytes(total)}`,
        { hint: "run the pull again to go on" },
      );
    }
  } finally {
    watch.stop();
  }
}

/** The body of an answer that fits what is there; of any other it is cancelled, whatever its size. */
async function acceptedBody(
  url: string,
  response: Response,
  part: string,
  have: number,
): Promise<ReadableStream<Uint8Array>> {
  const { status, body } = response;
  const fits = status !== 206 || startOf(response) === have;
  if (response.ok && body !== null && fits) return body;
  await body?.cancel();
  if (status !== 416 || have === 0) throw refused(url, status);
  // The part is longer than the file: it cannot be the beginning of it.
  rmSync(part);
  throw new CromwellError("network", `${url}: what was downloaded before does not fit`, {
    hint: "run the pull again to start afresh",
  });
}

/** The first byte that a partial answer holds. */
function startOf(response: Response): number {
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  return range === null ? -1 : Number(range[1]);
}

async function store(
  job: Download,
  part: string,
  start: number,
  total: number | undefined,
  body: ReadableStream<Uint8Array>,
  watch: Watch,
): Promise<number> {
  let received = start;
  const file = openPart(part, start);
  try {
    for await (const chunk of body) {
      watch.restart(pauseTimeoutMs);
      for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
      received += chunk.length;
      job.onProgress?.(received, total);
    }
    fsyncSync(file);
  } catch (cause) {
    throw watch.explain(cause, job.url, writeFailure(cause, part));
  } finally {
    closeSync(file);
  }
  return received;
}

function openPart(part: string, start: number): number {
  try {
    return openSync(part, start > 0 ? "a" : "w");
  } catch (cause) {
    throw new CromwellError("input", `cannot write ${part}: ${systemReason(cause)}`, { cause });
  }
}

/** The error of a disk that takes no more, undefined where the network failed. */
function writeFailure(cause: unknown, part: string): CromwellError | undefined {
  const disk = ["ENOSPC", "EDQUOT", "EIO", "EFBIG", "EROFS"];
  if (!disk.includes(systemCode(cause) ?? "")) return undefined;
  return new CromwellError("input", `cannot write ${part}: ${systemReason(cause)}`, {
    hint: "make room and run the pull again to go on",
    cause,
  });
}

function refused(url: string, status: number): CromwellError {
  return new CromwellError("network", `${url}: the server answered ${status}`);
}

/** Gives a request up when nothing comes, or when the user wants no more of it. */
class Watch {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #abort = () => this.#controller.abort();
  #timer: Timer | undefined;
  #timedOut = false;
  #limitMs = 0;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    if (outer.aborted) this.#abort();
    outer.addEventListener("abort", this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Nothing may take longer than this from now on. */
  restart(limitMs: number): void {
    clearTimeout(this.#timer);
    this.#limitMs = limitMs;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.#abort();
    }, limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#abort);
  }

  /** Why a request failed, as an error of one line. */
  explain(cause: unknown, url: string, known?: CromwellError): CromwellError {
    if (known !== undefined) return known;
    if (cause instanceof CromwellError) return cause;
    if (this.#outer.aborted) return new CromwellError("interrupted", "interrupted");
    const silent = `${url}: no answer within ${this.#limitMs / 1000} s`;
    if (this.#timedOut) return new CromwellError("network", silent, { cause });
    return new CromwellError("network", `${url}: ${failure(cause)}`, { cause });
  }
}

function failure(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split("\n")[0]!.replace(/\.$/, "") || "the connection failed";
}

/** Asks for a URL; the answer's headers must come within the time-out. */
export async function request(
  url: string,
  signal: AbortSignal,
  options: RequestInit,
): Promise<{ response: Response; watch: Watch }> {
  const watch = new Watch(signal);
  watch.restart(answerTimeoutMs);
  try {
    const response = await fetch(url, { ...options, signal: watch.signal });
    return { response, watch };
  } catch (cause) {
    watch.stop();
    throw watch.explain(cause, url);
  }
}
