// Runs programs that a model wrote, where they can reach nothing: namespaces without network, with a root
// of their own that is read-only, limits of time, memory, processes and files, and no rights at all.

import { lstatSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CromwellError, systemCode, systemReason } from "../../errors.ts";
import { defaultLimits, type Limits, type Outcome, type Program, type Runner } from "./runner.ts";
import { mappingScript, setupScript } from "./setup-script.ts";
import { runWatched, saysReady, type WatchedOutcome } from "./watched-process.ts";

/** What a program needs of the system, as far as it is there. */
const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"];

/** Where the system's own tools are; a user's may be anything. */
const toolPath = "/usr/sbin:/usr/bin:/sbin:/bin";

/** Real root runs programs as a user that nobody is: limits of processes do not bind root. */
const nobodysUser = 1_900_000_000;

export class Sandbox implements Runner {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** Makes a sandbox and tries it. Throws CromwellError "input" where the kernel refuses one. */
  static async open(signal?: AbortSignal): Promise<Sandbox> {
    if (process.platform !== "linux") throw refused(`there is none on ${process.platform}`);
    const folder = tmpdir();
    // The system spells other names in a way of its own where it lists what is mounted.
    if (!/^[\w./-]+$/.test(folder)) throw refused(`${folder} has special characters in its name`);
    const sandbox = new Sandbox(emptyFolder(folder));
    try {
      if (Bun.which("unshare", { PATH: toolPath }) === null) throw refused("`unshare` is missing");
      await sandbox.#try(signal);
      return sandbox;
    } catch (error) {
      sandbox.close();
      throw error;
    }
  }

  /**
   * Runs a program to its end, or to a limit. Nothing that it started outlives the call. Throws
   * CromwellError "interrupted".
   */
  async run(program: Program, limits: Limits, signal?: AbortSignal): Promise<Outcome> {
    const ended = await this.#start(program, limits, signal);
    if (!saysReady(ended.report)) throw setupFailed(ended);
    const status = /^exit (\d+)$/m.exec(ended.report)?.[1];
    const { excess, stdout, stderr, milliseconds } = ended;
    return {
      ended: excess ?? "exit",
      exitCode: excess === undefined && status !== undefined ? Number(status) : null,
      stdout,
      stderr,
      milliseconds,
    };
  }

  close(): void {
    try {
      rmdirSync(this.#root);
    } catch (error) {
      // An empty folder that stays in the temporary one is no reason to fail.
      if (systemCode(error) === undefined) throw error;
    }
  }

  /** A program that looks around, tries to get rights, and to be two processes where it may be one. */
  async #try(signal?: AbortSignal): Promise<void> {
    const look =
      `PATH=${toolPath}; [ ! -e /etc/shadow ] || exit 40; [ ! -w /usr ] || exit 41; ` +
      `unshare --user true 2>/dev/null && exit ${gotRights}; exec prlimit --nproc=1 timeout 5 true`;
    const program = { source: "", command: ["/bin/sh", "-c", look], needs: [] };
    const outcome = await this.run(program, defaultLimits, signal);
    if (outcome.exitCode === cannotFork) return;
    if (outcome.exitCode === gotRights) {
      throw refused("user.max_user_namespaces cannot be set in it, so programs could get rights");
    }
    if (outcome.exitCode === 0) throw refused("the number of processes is not limited");
    throw refused(`a trial ended with ${outcome.exitCode}: ${lastLine(outcome.stderr)}`);
  }

  #start({ source, command, needs }: Program, limits: Limits, signal?: AbortSignal) {
    const user = outerUser() === 0 ? String(nobodysUser + (process.pid % 100_000_000)) : "own";
    const shown = [...systemFolders.filter(isThere), ...apart(needs)];
    // The sandbox ends with this process, even one that is killed.
    const setpriv = Bun.which("setpriv", { PATH: toolPath }) ?? "setpriv";
    const tied = ["--pdeathsig", "KILL", "unshare"];
    const users =
      user === "own"
        ? ["--user", "--map-root-user"]
        : ["--user", "sh", "-c", mappingScript, "sandbox", setpriv, ...tied];
    return runWatched(
      {
        command: setpriv,
        arguments: [
          ...[...tied, ...users, "--mount", "--pid", "--net", "--ipc", "--uts"],
          ...["--fork", "--kill-child", "--propagation", "private"],
          ...["sh", "-c", setupScript, "sandbox", ...shown, "--", ...command],
        ],
        env: {
          PATH: toolPath,
          ROOT: this.#root,
          RUN_AS: user,
          MEMORY: String(limits.memoryBytes),
          SPACE: String(limits.fileBytes),
          PROCESSES: String(limits.processes),
          FILES: String(limits.openFiles),
          // The clock ends it first, and says so.
          SECONDS_MAX: String(Math.ceil(limits.seconds) + 1),
        },
        stdin: user === "own" ? source : (pid) => (mapUsers(pid) ? `mapped\n${source}` : ""),
      },
      { ...limits, setupSeconds, signal },
    );
  }
}

/** A busy machine takes its time to build one. */
const setupSeconds = 60;

/** Whether the users of this process's namespace are now the same ones in the namespace of another. */
function mapUsers(pid: number): boolean {
  try {
    for (const map of ["uid_map", "gid_map"]) {
      const ranges = readFileSync(`/proc/self/${map}`, "latin1").trim().split("\n");
      const same = ranges.map((range) => range.trim().replace(/^(\d+)\s+\d+\s+/, "$1 $1 "));
      writeFileSync(`/proc/${pid}/${map}`, `${same.join("\n")}\n`);
    }
    return true;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

function emptyFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, "cromwell-sandbox-"));
  } catch (cause) {
    const why = systemReason(cause);
    throw new CromwellError("input", `cannot make a folder in ${parent}: ${why}`, { cause });
  }
}

/** Exit status of `timeout` where it cannot start a process. */
const cannotFork = 125;

/** What the trial ends with where it made a user namespace. */
const gotRights = 42;

/** Who this process is to the kernel: what is root in a container may be a plain user outside. */
function outerUser(): number {
  const own = process.geteuid!();
  if (own !== 0) return own;
  const [, outer] = /^\s*0\s+(\d+)/m.exec(readFileSync("/proc/self/uid_map", "latin1")) ?? [];
  return Number(outer ?? 0);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Those that the system's folders do not hold already. */
function apart(needs: readonly string[]): string[] {
  return needs.filter((path) => !systemFolders.some((one) => `${path}/`.startsWith(`${one}/`)));
}

function setupFailed({ excess, stderr, exitCode }: WatchedOutcome): CromwellError {
  if (excess !== undefined) return refused(`its set-up took too much ${excess}`);
  return refused(lastLine(stderr) || `the set-up ended with ${exitCode}`);
}

function refused(why: string): CromwellError {
  return new CromwellError("input", `this system refuses a sandbox for generated code: ${why}`, {
    hint:
      "allow user namespaces (sysctl user.max_user_namespaces, " +
      "kernel.apparmor_restrict_unprivileged_userns=0) and have util-linux, " +
      "or pass --unsandboxed where the code may do anything",
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)!.slice(0, 200);
}
