// Type hints of a function: all of them, what it returns, or one parameter's. Where a type cannot be
// told from the code the instruction says it.

import { phrasedKind } from "../phrased.ts";
import { loseAnnotations } from "./python/annotations.ts";
import { loseAnnotations as scriptLoseAnnotations } from "./script/annotations.ts";

/** `{hints}` is what the language calls them. */
const phrasings = [
  "Add {hints}.",
  "Add {hints} to {name}.",
  "Add the {hints}.",
  "Add missing {hints}.",
  "Add {hints} to the parameters and the result of {name}.",
  "Annotate {name}.",
  "Annotate {name} with types.",
  "Annotate the parameters and the return value.",
  "Annotate this function.",
  "Give {name} {hints}.",
  "Make {name} typed.",
  "Write {hints} for {name}.",
  "{name} has no {hints}, add them.",
  "The signature of {name} lacks {hints}.",
  "Fill in the types.",
  "Put types on the parameters of {name} and on what it returns.",
];

export const annotations = phrasedKind("annotations", phrasings, {
  python: loseAnnotations,
  typescript: scriptLoseAnnotations,
});
