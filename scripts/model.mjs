// Where the default model is on this machine, if it is. Nothing here downloads: `cromwell pull` does.

import { existsSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** SmolLM2-135M-Instruct in Q4_1: another file under its name or in its place is not it. */
const size = 98_362_432;

/** Path of the default model's file: $CROMWELL_TEST_MODEL, $CROMWELL_MODEL, or as `pull` stores it. */
export function defaultModel() {
  const { CROMWELL_TEST_MODEL, CROMWELL_MODEL, CROMWELL_HOME } = process.env;
  const folder = join(CROMWELL_HOME || join(homedir(), ".cache", "cromwell"), "models");
  const pulled = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return [CROMWELL_TEST_MODEL, CROMWELL_MODEL, ...pulled].find(
    (path) => path && existsSync(path) && statSync(path).size === size,
  );
}
