// Programs in JavaScript that run generated code: this executable runs them itself, as Bun does, so that
// nothing need be installed.

import { realpathSync } from "node:fs";
import type { Program } from "./runner.ts";

/** A script of the old sort, which may use `with`; it has Bun's and Node's modules. */
export function scriptProgram(source: string): Program {
  const executable = realpathSync(process.execPath);
  // A thread for each core, as they would be, is more than a sandbox lets there be on a large machine.
  const threads = ["BUN_JSC_numberOfGCMarkers=1", "BUN_JSC_numberOfDFGCompilerThreads=1"];
  const command = ["BUN_BE_BUN=1", ...threads, executable, "run", "./main"];
  return { source, command, needs: [executable] };
}
