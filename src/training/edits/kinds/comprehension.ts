// A loop that fills a list, a set or a dict becomes a comprehension. The other direction is the kind
// "loop".

import { phrasedKind } from "../phrased.ts";
import { loseComprehension } from "./python/comprehension.ts";
import { loseArrayMethod } from "./script/loops.ts";

/** `{thing}` is "a list comprehension", `{target}` what is filled. */
const phrasings = [
  "Use {thing}.",
  "Use {thing} instead of the loop.",
  "Use {thing} for {target}.",
  "Use {thing} in {name}.",
  "Replace the loop with {thing}.",
  "Replace the for loop in {name} with {thing}.",
  "Turn the loop into {thing}.",
  "Turn the loop that fills {target} into {thing}.",
  "Write the loop as {thing}.",
  "Rewrite {name} with {thing}.",
  "Convert the loop to {thing}.",
  "Simplify the loop to {thing}.",
  "The loop should be {thing}.",
  "{target} can be made with {thing}.",
  "Make {name} shorter with {thing}.",
];

export const comprehension = phrasedKind("comprehension", phrasings, {
  typescript: loseArrayMethod,
  javascript: loseArrayMethod,
  python: loseComprehension,
});
