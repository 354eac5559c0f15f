// git, GNU patch and this project's own `apply` as judges of diffs: many files are patched in one run of
// each, so that a property can be tried on hundreds of pairs of texts.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { applyPatch } from "../../src/patch/apply.ts";
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
  /** Takes hunks without context and names with control characters. */
  readonly takesAll: boolean;
  /** Applies a patch file in a folder; throws with what was refused. */
  apply(folder: string, patch: string): Promise<void>;
}

function program(name: string, command: readonly string[]): Oracle {
  const missing = Bun.which(command[0]!) === null;
  if (missing) skipped(`${command[0]} is not on this machine: diffs are not tried with it`);
  return {
    name,
    missing,
    takesAll: true,
    async apply(cwd, patch) {
      // Outside any repository, or git would look for the files from its root.
      const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
      const { exitCode, stdout, stderr } = Bun.spawnSync([...command, patch], { cwd, env });
      if (exitCode !== 0) throw new Error(`${stderr}${stdout}`);
    },
  };
}

const own: Oracle = {
  name: "cromwell apply",
  missing: false,
  takesAll: false,
  async apply(root, patch) {
    const { success, files } = await applyPatch(readFileSync(patch), { root });
    if (!success) throw new Error(files.map(({ file, reason }) => `${file}: ${reason}`).join("\n"));
  },
};

export const oracles: readonly Oracle[] = [
  program("git apply", ["git", "apply", "--whitespace=nowarn", "--unidiff-zero"]),
  program("GNU patch", ["patch", "-p1", "--batch", "--silent", "--input"]),
  own,
];

/** The oracle that takes no hunk without context, as users call it. */
export const plainGit = program("git apply", ["git", "apply", "--whitespace=nowarn"]);

/** What the oracle makes of each case's old text with all diffs in one patch. */
export async function patched(oracle: Oracle, cases: readonly PatchCase[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "cromwell-patch-"));
  try {
    for (const { name, before } of cases) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), before);
    }
    const patch = join(folder, "all.patch");
    writeFileSync(patch, cases.map(({ diff }) => diff).join(""));
    await oracle.apply(folder, patch);
    return cases.map(({ name }) => readFileSync(join(folder, name), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
