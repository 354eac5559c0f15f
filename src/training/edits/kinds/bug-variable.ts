// One variable is used where another is meant. `{used}` is the wrong one, `{meant}` the right one. Real code
// gets the bug, so that the fix is what it was.

import { phrasedKind } from "../phrased.ts";
import { plantVariable } from "./python/bug-variable.ts";
import { loseVariable } from "./script/bug-variable.ts";

const phrasings = [
  "`{wrong}` uses the wrong variable.",
  "`{wrong}` uses the wrong variable, fix it.",
  "`{wrong}` should be `{right}`.",
  "It should be {meant} in `{wrong}`, not {used}.",
  "{used} is used where {meant} is meant.",
  "{name} uses {used} where it should use {meant}.",
  "{name} mixes up {used} and {meant}.",
  "{name} uses the wrong variable in one place.",
  "Wrong variable in `{wrong}`: it should be {meant}.",
  "Use {meant} and not {used} in `{wrong}`.",
  "Fix the wrong variable in {name}.",
  "Fix the mixed-up variables in {name}.",
  "One use of {used} in {name} should be {meant}.",
  "Replace {used} with {meant} in `{wrong}`.",
];

export const bugVariable = phrasedKind("bug-variable", phrasings, {
  python: plantVariable,
  typescript: loseVariable,
  javascript: loseVariable,
});
