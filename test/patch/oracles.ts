// git and GNU patch as judges of diffs: many files are patched in one run of either, so that a
// property can be tried on hundreds of pairs of texts.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { skipped } from "../data.ts";

export interface PatchCase {
  /** The file's name in the patched folder. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly diff: string;
}

export interface Oracle {
  readonly name: string;
  readonly missing: boolean;
  readonly command: readonly string[];
}

function oracle(name: string, command: readonly string[]): Oracle {
  const missing = Bun.which(command[0]!) === null;
  if (missing) skipped(`${command[0]} is not on this machine: diffs are not tried with it`);
  return { name, missing, command };
}

export const oracles: readonly Oracle[] = [
  oracle("git apply", ["git", "apply", "--whitespace=nowarn", "--unidiff-zero"]),
  oracle("GNU patch", ["patch", "-p1", "--batch", "--silent", "--input"]),
];

/** The oracle that takes no hunk without context, as users call it. */
export const plainGit = oracle("git apply", ["git", "apply", "--whitespace=nowarn"]);

/** What the oracle makes of each case's old text with all diffs in one patch. */
export function patched({ command }: Oracle, cases: readonly PatchCase[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "cromwell-patch-"));
  try {
    for (const { name, before } of cases) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), before);
    }
    const patch = join(folder, "all.patch");
    writeFileSync(patch, cases.map(({ diff }) => diff).join(""));
    // Outside any repository, or git would look for the files from its root.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
    const result = Bun.spawnSync([...command, patch], { cwd: folder, env });
    if (result.exitCode !== 0) throw new Error(`${result.stderr}${result.stdout}`);
    return cases.map(({ name }) => readFileSync(join(folder, name), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
