// Two arguments of a call stand in the wrong order. `{call}` is what is called. Real code gets the bug, so
// that the fix is what it was.

import { phrasedKind } from "../phrased.ts";
import { plantSwapped } from "./python/bug-swapped-arguments.ts";
import { loseOrder } from "./script/bug-calls.ts";

const phrasings = [
  "The arguments of {call} are swapped.",
  "The arguments of {call} are swapped, fix it.",
  "The arguments of {call} are in the wrong order.",
  "{call} gets its arguments in the wrong order.",
  "{name} passes the arguments to {call} the wrong way round.",
  "Two arguments are swapped in {name}.",
  "Two arguments are swapped in `{wrong}`.",
  "Swap the arguments in `{wrong}`.",
  "`{wrong}` has its arguments in the wrong order.",
  "`{wrong}` should be `{right}`.",
  "Fix the order of the arguments in {name}.",
  "Fix the order of the arguments of {call}.",
  "Wrong order of arguments: `{wrong}`.",
  "Put the arguments of {call} in the right order.",
];

export const bugSwappedArguments = phrasedKind("bug-swapped-arguments", phrasings, {
  python: plantSwapped,
  typescript: loseOrder,
  javascript: loseOrder,
});
