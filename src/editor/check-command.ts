// The user's own check of an edit: a command run in a copy of the project that holds the edited file,
// so that an edit that fails it never touches the real one.

import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { CromwellError, systemReason } from "../errors.ts";
import { findRepository } from "../project/repository.ts";
import { ProjectCopy } from "./project-copy.ts";

export interface CheckOutcome {
  /** Null where a signal ended the command, or the time. */
  readonly exitCode: number | null;
  /** The end of what it wrote, stdout and stderr together. */
  readonly output: string;
  readonly seconds: number;
}

export interface CheckRequest {
  readonly command: string;
  /** The file that is edited. */
  readonly file: string;
  /** Where the command is run, in its place in the copy. */
  readonly folder: string;
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A check that takes longer is ended. */
const secondsMax = 600;

/** How much of a command's output is kept, in characters. */
const outputMax = 4000;

/** A shell command that answers must pass, each in a fresh copy of the file's project. */
export class ProjectCheck {
  readonly #request: CheckRequest;
  readonly #copy: ProjectCopy;
  /** The file and the folder of the command, in the project. */
  readonly #file: string;
  readonly #folder: string;

  private constructor(request: CheckRequest, copy: ProjectCopy, file: string, folder: string) {
    this.#request = request;
    this.#copy = copy;
    this.#file = file;
    this.#folder = folder;
  }

  /**
   * Finds out what is to be copied: the file's repository, else its folder. Throws CromwellError "input"
   * where that is too large, and "interrupted".
   */
  static async open(request: CheckRequest): Promise<ProjectCheck> {
    const path = realpathSync(request.file);
    const root = findRepository(dirname(path))?.top ?? dirname(path);
    const file = relative(root, path);
    const inside = relative(root, realpathSync(request.folder));
    const leaves = inside === ".." || inside.startsWith(`..${sep}`);
    const copy = await ProjectCopy.list(root, file, request);
    return new ProjectCheck(request, copy, file, leaves ? "" : inside);
  }

  /** Runs the command with the file as it would be. */
  async run(contents: string): Promise<CheckOutcome> {
    const { command, signal } = this.#request;
    const copy = await this.#copy.make(signal);
    try {
      await writeFile(join(copy, this.#file), contents);
      return await runCommand(command, join(copy, this.#folder), signal);
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }
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
