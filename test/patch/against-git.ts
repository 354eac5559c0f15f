// One patch applied by cromwell and by git, each in its own copy of the files, and what came of it on
// both sides. For comparing verdicts and results by the thousand, in two folders that are removed again.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import { applyPatch } from "../../src/patch/apply.ts";
import type { PatchCase } from "./patch-cases.ts";
import { listed, readTree, writeTree } from "./tree.ts";

export interface Comparison {
  readonly ours: Outcome;
  readonly git: { readonly success: boolean; readonly message: string };
  /** The files before, and what each side left of them. */
  readonly before: readonly string[];
  readonly afterOurs: readonly string[];
  readonly afterGit: readonly string[];
}

export interface Outcome {
  readonly success: boolean;
  /** Why it was refused. */
  readonly reason: string;
  /** Whether line endings were brought together. */
  readonly mapped: boolean;
}

/** `folder` must be no repository; `name` is its own for each call. */
export async function compareWithGit(
  folder: string,
  name: string,
  one: PatchCase,
): Promise<Comparison> {
  const roots = [join(folder, `${name}-ours`), join(folder, `${name}-git`)] as const;
  for (const root of roots) writeTree(root, one.tree);
  const [ours, git] = await Promise.all([applied(roots[0], one), gitApplies(roots[1], one)]);
  const [afterOurs, afterGit] = [listed(readTree(roots[0])), listed(readTree(roots[1]))];
  for (const root of roots) rmSync(root, { recursive: true });
  return { ours, git, before: listed(one.tree), afterOurs, afterGit };
}

async function applied(root: string, { patch, strip, reverse }: PatchCase): Promise<Outcome> {
  try {
    const bytes = Buffer.from(patch, "latin1");
    const { success, files } = await applyPatch(bytes, { root, strip, reverse });
    const mapped = files.some(({ lineEndings }) => lineEndings !== undefined);
    const reason = files.map((file) => file.reason ?? "").join("\n");
    return { success, mapped, reason };
  } catch (error) {
    if (!(error instanceof CromwellError)) throw error;
    return { success: false, mapped: false, reason: error.message };
  }
}

async function gitApplies(cwd: string, { patch, strip, reverse }: PatchCase) {
  const flags = ["--whitespace=nowarn", `-p${strip}`, ...(reverse ? ["--reverse"] : [])];
  const run = Bun.spawn(["git", "apply", ...flags, "-"], {
    cwd,
    stdin: Buffer.from(patch, "latin1"),
    stderr: "pipe",
    env: {
      PATH: process.env.PATH ?? "",
      HOME: cwd,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CEILING_DIRECTORIES: join(cwd, ".."),
      LC_ALL: "C",
    },
  });
  const [code, message] = await Promise.all([run.exited, new Response(run.stderr).text()]);
  return { success: code === 0, message };
}
