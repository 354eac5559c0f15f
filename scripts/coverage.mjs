// The share of the lines of src that the suite runs, from the report that bun test writes. bun's own
// threshold is asked of each file; this one of all lines together.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.mjs";

const least = 0.9;

/** Prints the share of all lines; returns what is wrong with it. */
export function coverageProblems() {
  const report = join(root, "coverage", "lcov.info");
  if (!existsSync(report)) return ["bun test wrote no coverage/lcov.info"];
  const files = readFileSync(report, "utf8").split("end_of_record");
  let found = 0;
  let hit = 0;
  for (const file of files) {
    if (!/^SF:src\//m.test(file)) continue;
    found += Number(/^LF:(\d+)$/m.exec(file)?.[1] ?? 0);
    hit += Number(/^LH:(\d+)$/m.exec(file)?.[1] ?? 0);
  }
  const share = hit / found;
  process.stdout.write(`line coverage of src: ${(100 * share).toFixed(1)} % of ${found} lines\n`);
  return share >= least ? [] : [`line coverage of src is under ${100 * least} %`];
}
