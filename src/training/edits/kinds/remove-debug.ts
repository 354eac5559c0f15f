// Output that somebody left behind while looking for a bug is removed again. It is put into real code
// that has none, so that the answer is that code.

import { phrasedKind } from "../phrased.ts";
import { plantDebug } from "./python/remove-debug.ts";
import { loseSilence as scriptLoseSilence } from "./script/remove-debug.ts";

/** `{debug}` is what was left behind: "print", "debug output". */
const phrasings = [
  "Remove the {debug}.",
  "Remove the {debug} from {name}.",
  "Remove the leftover {debug}.",
  "Remove the debugging code.",
  "Remove all debugging code from {name}.",
  "Delete the {debug}.",
  "Delete the leftover {debug} in {name}.",
  "Take out the {debug}.",
  "Take the {debug} out of {name} again.",
  "Clean up the debugging code.",
  "Clean up what is left of debugging in {name}.",
  "Get rid of the {debug}.",
  "Drop the {debug}.",
  "There is a {debug} left in {name}, remove it.",
  "The {debug} was only for debugging, take it out.",
  "{name} still has a {debug} in it.",
];

export const removeDebug = phrasedKind("remove-debug", phrasings, {
  python: plantDebug,
  typescript: scriptLoseSilence,
  javascript: scriptLoseSilence,
});
