// Loops and array methods of TypeScript and JavaScript in place of each other: what a person wrote is the
// answer; where nobody wrote what is asked for, what it is made of is.

import type { Lose, Loss } from "../../phrased.ts";
import { methodAsLoop, type Rewriting } from "./array-method.ts";
import { forEachAsLoop } from "./for-each.ts";
import { arrayLoopAsMethod, loopAsForEach, loopAsMethod } from "./for-loop.ts";

/** Asks for an array method. */
export const loseArrayMethod: Lose = (unit) => {
  const lost = back(methodAsLoop(unit) ?? forEachAsLoop(unit), toMethod);
  return lost ?? forth(unit.text, arrayLoopAsMethod(unit), toMethod);
};

/** Asks for a loop. */
export const loseLoop: Lose = (unit) => {
  const lost = back(loopAsMethod(unit) ?? loopAsForEach(unit), toLoop);
  return lost ?? forth(unit.text, methodAsLoop(unit) ?? forEachAsLoop(unit), toLoop);
};

/** What was written otherwise is to be as it was. */
function back(made: Rewriting | undefined, phrasings: readonly string[]): Loss | undefined {
  return made && { before: made.text, facts: factsOf(made), words: made.words, phrasings };
}

/** What is there is to be written otherwise. */
function forth(
  text: string,
  made: Rewriting | undefined,
  phrasings: readonly string[],
): Loss | undefined {
  if (made === undefined) return undefined;
  const { text: after, words, hasOthers = false } = made;
  const telling = hasOthers ? phrasings.filter((one) => one.includes("{method}")) : phrasings;
  return { before: text, after, facts: factsOf(made), words, phrasings: telling };
}

function factsOf({ words }: Rewriting): Record<string, string> {
  return { method: words.method! };
}

const toMethod = [
  "Use {method} instead of the loop.",
  "Use {method} instead of the loop in {name}.",
  "Replace the loop with {method}.",
  "Replace the for loop by {method}().",
  "Turn the loop into a call of {method}.",
  "Rewrite the loop with Array.prototype.{method}.",
  "Rewrite the loop with {method}.",
  "Make the loop in {name} a {method}() call.",
  "This can be {method}(), no loop needed.",
  "Simplify the loop with {method}.",
  "Simplify {name} with {method}.",
  "The loop should be a call of {method}.",
  "Use the array method {method} here.",
  "Write the loop as a call of {method}.",
];

const toLoop = [
  "Use a for...of loop instead of {method}.",
  "Use a for loop instead of {method} in {name}.",
  "Use a for loop.",
  "Replace {method} with a for...of loop.",
  "Replace the {method} in {name} by a loop.",
  "Turn the {method} into a for...of loop.",
  "Turn the {method} over {array} into a loop.",
  "Rewrite the {method} as a for loop.",
  "Rewrite the {method} of {array} as a for...of loop.",
  "Make the {method} over {array} a for...of loop.",
  "Write a loop over {array} instead of {method}.",
  "Loop over {array} with for...of.",
  "No {method} please, use for...of.",
  "for...of instead of {method}.",
  "Convert the {method} call to a for (const {item} of {array}) loop.",
];
