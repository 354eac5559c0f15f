// A comprehension becomes the loop that it stands for: for those who want to set a breakpoint, or to do
// more in it. The other direction is the kind "comprehension".

import { phrasedKind } from "../phrased.ts";
import { loseLoop } from "./python/comprehension.ts";
import { loseLoop as loseScriptLoop } from "./script/loops.ts";

/** `{thing}` is "a list comprehension", `{target}` what is filled. */
const phrasings = [
  "Use a for loop instead of {thing}.",
  "Use a loop for {target}.",
  "Use a plain loop instead of the comprehension.",
  "Replace the comprehension with a loop.",
  "Replace the comprehension in {name} with a for loop.",
  "Turn the comprehension into a loop.",
  "Turn the comprehension for {target} into a for loop.",
  "Write the comprehension as a loop.",
  "Write {target} with a for loop.",
  "Rewrite {name} with a for loop.",
  "Convert the comprehension to a for loop.",
  "Expand the comprehension into a loop.",
  "Unroll the comprehension in {name} into a for loop.",
  "The comprehension should be a loop.",
  "Fill {target} in a loop.",
];

export const loop = phrasedKind("loop", phrasings, {
  typescript: loseScriptLoop,
  javascript: loseScriptLoop,
  python: loseLoop,
});
