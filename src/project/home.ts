// Where the program keeps what is its own: models, caches and the undo journal. One folder holds all,
// so that a user can find it, move it and remove it.

import { join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder for models and caches: $CROMWELL_HOME, else ~/.cache/cromwell, else cromwell under
 * $XDG_CACHE_HOME; undefined where the environment names none of them.
 */
export function homeFolder(environment: Environment): string | undefined {
  const { CROMWELL_HOME, HOME, XDG_CACHE_HOME } = environment;
  if (CROMWELL_HOME) return CROMWELL_HOME;
  if (HOME) return join(HOME, ".cache", "cromwell");
  return XDG_CACHE_HOME ? join(XDG_CACHE_HOME, "cromwell") : undefined;
}

/** The folder of pulled models, undefined without a home. */
export function modelsFolder(environment: Environment): string | undefined {
  const home = homeFolder(environment);
  return home === undefined ? undefined : join(home, "models");
}

/** The folder of weights stored as they are computed with, undefined without a home. */
export function tilesFolder(environment: Environment): string | undefined {
  const home = homeFolder(environment);
  return home === undefined ? undefined : join(home, "tiles");
}

/** The folder of the undo journal, undefined without a home. */
export function journalFolder(environment: Environment): string | undefined {
  const home = homeFolder(environment);
  return home === undefined ? undefined : join(home, "journal");
}

/** The folder of the indices of projects, undefined without a home. */
export function indexFolder(environment: Environment): string | undefined {
  const home = homeFolder(environment);
  return home === undefined ? undefined : join(home, "index");
}
