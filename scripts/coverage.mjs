// The share of the lines of src that the suite runs, from the report that bun test writes. bun asks
// the threshold in bunfig.toml of each file; here it is asked of all lines together.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.mjs";

const report = join(root, "coverage", "lcov.info");

/** Removes the last run's report, so that it is not taken for the next one's. */
export function forgetCoverage() {
  rmSync(report, { force: true });
}

/** Prints the share of all lines; returns what is wrong with it. */
export function coverageProblems() {
  if (!existsSync(report)) return ["bun test wrote no coverage/lcov.info"];
  let found = 0;
  let hit = 0;
  for (const file of readFileSync(report, "utf8").split("end_of_record")) {
    if (!/^SF:src\//m.test(file)) continue;
    found += Number(/^LF:(\d+)$/m.exec(file)?.[1] ?? 0);
    hit += Number(/^LH:(\d+)$/m.exec(file)?.[1] ?? 0);
  }
  const percent = ((100 * hit) / found).toFixed(1);
  process.stdout.write(`line coverage of src: ${percent} % of ${found} lines\n`);
  const least = threshold();
  return hit >= least * found ? [] : [`line coverage of src is under ${100 * least} %`];
}

function threshold() {
  const settings = readFileSync(join(root, "bunfig.toml"), "utf8");
  return Number(/^coverageThreshold = \{ lines = ([\d.]+)/m.exec(settings)?.[1]);
}
