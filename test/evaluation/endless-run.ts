// Runs a program without end in a sandbox: for a test that kills it, also as another user.

import { defaultLimits } from "../../src/evaluation/sandbox/runner.ts";
import { Sandbox } from "../../src/evaluation/sandbox/sandbox.ts";

/** @param marker an argument, to find it by */
export function endlessCommand(marker: string): string[] {
  return ["/bin/sh", "-c", "while :; do sleep 60; done", marker];
}

if (import.meta.main) {
  const sandbox = await Sandbox.open();
  const program = { source: "", command: endlessCommand(process.argv[2]!), needs: [] };
  await sandbox.run(program, { ...defaultLimits, seconds: 60 });
}
