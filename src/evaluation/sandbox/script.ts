// Programs in JavaScript that run generated code: this executable runs them itself, as Bun does, so that
// nothing need be installed.

import { realpathSync } from "node:fs";
import { CromwellError } from "../../errors.ts";
import { defaultLimits, type Program, type Runner } from "./runner.ts";

/** JavaScriptCore reserves more than it uses, the more the more cores there are. */
export const scriptLimits = { ...defaultLimits, memoryBytes: 2 * 2 ** 30 };

/** A module, which has Bun's and Node's own modules and no others. */
export function scriptProgram(source: string): Program {
  const executable = realpathSync(process.execPath);
  // A thread for each core, as they would be, is more than a sandbox lets there be on a large machine.
  const threads = ["BUN_JSC_numberOfGCMarkers=1", "BUN_JSC_numberOfDFGCompilerThreads=1"];
  const command = ["BUN_BE_BUN=1", ...threads, executable, "run", "--no-install", "./main"];
  return { source, command, needs: [executable] };
}

/** Runs one that does nothing. Throws CromwellError "input" where that fails. */
export async function tryScripts(runner: Runner, signal?: AbortSignal): Promise<void> {
  const { exitCode, stderr } = await runner.run(scriptProgram(""), scriptLimits, signal);
  if (exitCode === 0) return;
  const why = stderr.trimEnd().split("\n").at(-1)!.slice(0, 200) || `it ended with ${exitCode}`;
  throw new CromwellError("input", `scripts cannot be run by ${process.execPath}: ${why}`, {
    hint: "make it readable and executable for all users, or choose rows in Python",
  });
}
