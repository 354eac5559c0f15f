// An import that nothing uses goes. `{unused}` is the name that it brings.
// Real imports get one more, so that the answer is what stood there.

import { phrasedKind } from "../phrased.ts";
import { plantImport } from "./python/remove-unused-import.ts";
import { loseUsedImports } from "./script/unused-import.ts";

const phrasings = [
  "Remove the unused import.",
  "Remove unused imports.",
  "Remove the import that is not used.",
  "Remove the unused import of {unused}.",
  "Remove the unused import {unused}.",
  "Delete the unused import.",
  "Delete the import of {unused}, nothing uses it.",
  "{unused} is imported but never used.",
  "{unused} is imported but never used, remove it.",
  "Clean up the imports.",
  "Drop the import of {unused}.",
  "Get rid of the unused import.",
  "One import is not needed, take it out.",
  "The import of {unused} is not needed any more.",
];

export const removeUnusedImport = phrasedKind("remove-unused-import", phrasings, {
  python: plantImport,
  typescript: loseUsedImports,
  javascript: loseUsedImports,
});
