// Where the default model is on this machine, if it is. Nothing here downloads: `cromwell pull` does.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/** SmolLM2-135M-Instruct in Q4_1: a file of another size is another model. */
const size = 98_362_432;

export const defaultModelName = "smollm2-135m-instruct";

/** Path of the default model as `cromwell pull` stores it, undefined where it is not there. */
export function pulledModel() {
  const home = homeFolder();
  return home && sized(join(home, "models", `${defaultModelName}.gguf`));
}

/** cromwell's own folder, by the rules of src/project/home.ts. */
function homeFolder() {
  const { CROMWELL_HOME, HOME, XDG_CACHE_HOME } = process.env;
  if (CROMWELL_HOME) return CROMWELL_HOME;
  if (HOME) return join(HOME, ".cache", "cromwell");
  return XDG_CACHE_HOME ? join(XDG_CACHE_HOME, "cromwell") : undefined;
}

/** Path of the default model for tests: where the environment says, or as it was pulled. */
export function testModel() {
  const { CROMWELL_TEST_MODEL, CROMWELL_MODEL } = process.env;
  return sized(CROMWELL_TEST_MODEL) ?? sized(CROMWELL_MODEL) ?? pulledModel();
}

function sized(path) {
  return path && existsSync(path) && statSync(path).size === size ? path : undefined;
}
