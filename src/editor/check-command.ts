// The user's own check of an edit: a command run in a copy of the project that holds the edited file,
// so that an edit that fails it never touches the real one.

import { spawn } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { CromwellError, systemReason } from "../errors.ts";
import { findRepository } from "../project/repository.ts";
import { walk } from "../project/walk.ts";

export interface CheckOutcome {
  /** Null where a signal ended the command, or the time. */
  readonly exitCode: number | null;
  /** The end of what it wrote, stdout and stderr together. */
  readonly output: string;
  readonly seconds: number;
}

export interface CheckRequest {
  readonly command: string;
  /** The file that was edited, and what it would hold. */
  readonly file: string;
  readonly contents: string;
  /** Where the command is run, in its place in the copy. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a project may have to be copied for each check. */
const filesMax = 50_000;
const bytesMax = 2 ** 30;

/** A check that takes longer is ended. */
const secondsMax = 600;

/** How much of a command's output is kept, in characters. */
const outputMax = 4000;

/**
 * Runs a shell command in a copy of the file's project (its repository, else its folder). Files that
 * the project ignores, such as installed packages, are linked and not copied; .git is left out.
 * Throws CromwellError "input" where the project cannot be copied, and "interrupted".
 */
export async function runCheck(request: CheckRequest): Promise<CheckOutcome> {
  const file = realpathSync(request.file);
  const root = findRepository(dirname(file))?.top ?? dirname(file);
  const copy = mkdtempSync(join(tmpdir(), "cromwell-check-"));
  try {
    const edited = relative(root, file);
    await copyProject(root, copy, edited, request.signal);
    writeFileSync(join(copy, edited), request.contents);
    const inside = relative(root, realpathSync(request.folder));
    const leaves = inside === ".." || inside.startsWith(`..${sep}`);
    const cwd = leaves ? copy : resolve(copy, inside);
    return await runCommand(request.command, cwd, request.signal);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Copies what belongs to the project, and `edited` even if it does not; links the rest. */
async function copyProject(
  root: string,
  copy: string,
  edited: string,
  signal?: AbortSignal,
): Promise<void> {
  const copied = new Set<string>();
  const folders = new Set<string>([""]);
  const add = (path: string) => {
    for (let at = dirname(path); at !== "." && !folders.has(at); at = dirname(at)) folders.add(at);
    copied.add(path);
  };
  add(edited);
  let bytes = 0;
  for await (const { path, size } of walk(root, { signal })) {
    bytes += size;
    if (copied.size >= filesMax || bytes > bytesMax) throw tooLarge(root);
    add(path);
  }
  for (const folder of [...folders].sort()) {
    mkdirSync(join(copy, folder), { recursive: true });
    for (const name of readdirSync(join(root, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (name === ".git" || folders.has(path)) continue;
      const from = join(root, path);
      const isFile = copied.has(path) && statSync(from, { throwIfNoEntry: false })?.isFile();
      if (isFile) copyFileSync(from, join(copy, path));
      else symlinkSync(from, join(copy, path));
    }
  }
}

function tooLarge(root: string): CromwellError {
  const most = `${filesMax} files or ${bytesMax / 2 ** 30} GiB`;
  return new CromwellError("input", `cannot copy ${root} to check in: it has over ${most}`, {
    hint: "run cromwell in a smaller project, or list what it need not copy in .cromwellignore",
  });
}

/** Runs a command with all that it starts in a group of its own, so that none of it is left. */
function runCommand(command: string, cwd: string, signal?: AbortSignal): Promise<CheckOutcome> {
  return new Promise((finish, fail) => {
    const started = performance.now();
    const child = spawn("/bin/sh", ["-c", command], {
      cwd,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (text: string) => {
      output = (output + text).slice(-outputMax);
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    const end = () => endGroup(child.pid);
    const timer = setTimeout(end, secondsMax * 1000);
    signal?.addEventListener("abort", end);
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    };
    child.on("error", (cause) => {
      settle();
      fail(new CromwellError("input", `cannot run the check: ${systemReason(cause)}`, { cause }));
    });
    // What the command left running holds its output open.
    child.on("exit", end);
    child.on("close", (exitCode) => {
      settle();
      if (signal?.aborted) fail(new CromwellError("interrupted", "interrupted"));
      else finish({ exitCode, output, seconds: (performance.now() - started) / 1000 });
    });
    if (signal?.aborted) end();
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}
