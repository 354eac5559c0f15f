// git itself as the truth, in a home of its own, so that the configuration of who runs the tests does
// not matter.

import { skipped } from "../data.ts";

export const hasGit = Bun.which("git") !== null;
if (!hasGit) skipped("git is not installed: nothing to compare with");

export interface Git {
  /** What both git and the code under test see of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs git in a folder and returns what it prints; throws where it fails. */
  run(folder: string, ...args: string[]): Buffer;
  /** The same with standard input; the exit code is up to the caller. */
  ask(folder: string, input: string | Uint8Array, ...args: string[]): Buffer;
}

export function gitWithHome(home: string): Git {
  const environment = { HOME: home, GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };
  const ask = (folder: string, input: string | Uint8Array, ...args: string[]) => {
    const { stdout, stderr, exitCode } = Bun.spawnSync(["git", ...args], {
      cwd: folder,
      env: { ...environment, PATH: process.env.PATH ?? "" },
      stdin: Buffer.from(input),
    });
    // check-ignore ends with 1 where nothing is ignored.
    if (exitCode > 1) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  return { environment, ask, run: (folder, ...args) => ask(folder, "", ...args) };
}

/** The paths that git lists, with a byte in each character, in its order. */
export function listedByGit({ run }: Git, folder: string): string[] {
  const output = run(folder, "ls-files", "-z", "-co", "--exclude-standard", "--deduplicate");
  return output.toString("latin1").split("\0").slice(0, -1);
}
