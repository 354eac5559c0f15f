// Runs the hostile programs in a sandbox and prints what became of each, as JSON: for a test that has it
// run as another user.

import { findPython, pythonProgram } from "../../src/evaluation/sandbox/python.ts";
import { defaultLimits, type Outcome } from "../../src/evaluation/sandbox/runner.ts";
import { Sandbox } from "../../src/evaluation/sandbox/sandbox.ts";
import { hostilePrograms, type Surroundings } from "./hostile-programs.ts";

/** What each program came to, or why there is no sandbox. */
export type HostileReport = { outcomes: Record<string, Outcome> } | { refused: string };

/** @param marker an argument of each program, to find what is left of it by */
export async function runHostile(around: Surroundings, marker: string): Promise<HostileReport> {
  let sandbox: Sandbox;
  try {
    sandbox = await Sandbox.open();
  } catch (error) {
    return { refused: String(error) };
  }
  try {
    const python = await findPython(process.env.PATH);
    const outcomes: Record<string, Outcome> = {};
    for (const { name, source, seconds = 20 } of hostilePrograms(around)) {
      const program = pythonProgram(python, source);
      const marked = { ...program, command: [...program.command, marker] };
      outcomes[name] = await sandbox.run(marked, { ...defaultLimits, seconds });
    }
    return { outcomes };
  } finally {
    sandbox.close();
  }
}

if (import.meta.main) {
  const [around, marker] = process.argv.slice(2) as [string, string];
  console.log(JSON.stringify(await runHostile(JSON.parse(around), marker)));
}
