// Runs the cases of all targets in turn. A case is known by its number: what fails is found again with
// `--seed N --target NAME`.

import { Random } from "../patch/random.ts";
import { answerTarget } from "./answers.ts";
import { diffTarget } from "./diffs.ts";
import { ignoreTarget } from "./ignore-files.ts";
import { patchTarget } from "./patches.ts";
import { projectTarget } from "./project-files.ts";
import type { Target } from "./target.ts";

/** One case may take so much of a processor; more is a hang. */
const caseMsMax = 5000;

/** All targets; those that write do it below `folder`. */
export async function targets(folder: string): Promise<Target[]> {
  return [patchTarget(folder), diffTarget, ignoreTarget, projectTarget, await answerTarget()];
}

/** Runs one case and returns the milliseconds of a processor that it took. Throws with the target's name and the seed for anything but a refusal in words. */
export async function runCase(target: Target, seed: number): Promise<number> {
  const start = process.cpuUsage();
  const failed = (what: string, cause?: unknown) =>
    new Error(`${target.name}, seed ${seed}: ${what}`, { cause });
  try {
    await target.run(new Random(seed));
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error), error);
  }
  const { user, system } = process.cpuUsage(start);
  const taken = (user + system) / 1000;
  if (taken > caseMsMax) throw failed(`it took ${Math.round(taken)} ms`);
  return taken;
}
