// Where tests find data that is not part of the project: ../shared/data or $CROMWELL_TEST_DATA.
// What is missing is recorded with its reason, so that a run lists what it skipped.

import { appendFileSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";

const project = resolve(import.meta.dir, "..");
const roots = [process.env.CROMWELL_TEST_DATA, join(project, "../shared/data")];

/** Path of a file or folder of the test data, or undefined (recorded) where it is missing. */
export function testData(name: string): string | undefined {
  for (const root of roots) {
    if (root !== undefined && existsSync(join(root, name))) return join(root, name);
  }
  skipped(`${name} is not in ../shared/data or $CROMWELL_TEST_DATA`);
  return undefined;
}

/** The default model, where a test run may use it; scripts/test.mjs names it in the environment. */
export function defaultModel(): string | undefined {
  const path = process.env.CROMWELL_TEST_MODEL;
  if (path !== undefined && existsSync(path)) return path;
  skipped("SmolLM2-135M-Instruct: $CROMWELL_TEST_MODEL names no file");
  return undefined;
}

/** Records a reason for tests that do not run here; the runner prints each reason once. */
export function skipped(reason: string): void {
  const log = process.env.CROMWELL_SKIP_LOG;
  if (log !== undefined) appendFileSync(log, `${reason}\n`);
}
