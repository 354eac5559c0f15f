// Code that does nothing goes. It is put into real code, so that the answer is that code; what was put there
// brings its own phrasings with it.

import { phrasedKind } from "../phrased.ts";
import { plantDeadCode } from "./python/remove-dead-code.ts";
import { loseTidiness } from "./script/dead-code.ts";

const phrasings = [
  "Remove the dead code.",
  "Remove the dead code from {name}.",
  "Remove dead code.",
  "Remove what does nothing.",
  "Delete the dead code.",
  "Delete the dead code in {name}.",
  "Clean up the dead code in {name}.",
  "Clean up {name}: it has code that does nothing.",
  "Get rid of the dead code.",
  "Get rid of the dead code in {name}.",
  "Drop the dead code.",
  "Take the dead code out.",
  "{name} has dead code, remove it.",
  "There is dead code in {name}.",
];

export const removeDeadCode = phrasedKind("remove-dead-code", phrasings, {
  python: plantDeadCode,
  typescript: loseTidiness,
  javascript: loseTidiness,
});
