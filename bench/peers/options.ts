// The command line that the benchmarks beside peers share.
// usage: main.ts [--threads N] [--rounds N] [--level LEVEL] [--json FILE] [MODEL.gguf …]

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type CpuLevel, cpuLevel, useCpuLevel } from "../../src/native/kernels.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "7" },
    level: { type: "string", default: cpuLevel() },
    json: { type: "string" },
  },
});

export const threads = Number(values.threads);
export const rounds = Number(values.rounds);
/** What is named beside the options. */
export const named: readonly string[] = positionals;
// Of cromwell and the probes: a peer chooses for itself.
useCpuLevel(values.level as CpuLevel);

/** Writes what was measured to the file that --json names. */
export function keep(results: readonly object[]): void {
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
  }
}
