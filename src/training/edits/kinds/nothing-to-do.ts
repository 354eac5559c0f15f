// What is asked for is there already, so that nothing is to be changed: another kind's instruction, with its
// target before and after. Without these it would be learnt that there is always something to do.

import type { Random } from "../../random.ts";
import type { EditKind, EditUnit, Reversal } from "../kind.ts";
import { annotations } from "./annotations.ts";
import { constant } from "./constant.ts";
import { defaultParameter } from "./default-parameter.ts";
import { docstring } from "./docstring.ts";
import { errorHandling } from "./error-handling.ts";
import { logging } from "./logging.ts";
import { removeDebug } from "./remove-debug.ts";
import { removeUnusedImport } from "./remove-unused-import.ts";
import { renameClass } from "./rename-class.ts";
import { renameFunction } from "./rename-function.ts";
import { renameParameter } from "./rename-parameter.ts";
import { renameVariable } from "./rename-variable.ts";

/** Kinds whose target shows that it was done: in none of them could more of the same be meant. */
const asked = [
  annotations,
  constant,
  defaultParameter,
  docstring,
  errorHandling,
  logging,
  removeDebug,
  removeUnusedImport,
  renameClass,
  renameFunction,
  renameParameter,
  renameVariable,
];

function done(unit: EditUnit, random: Random): Reversal | undefined {
  const kind = asked[random.below(asked.length)]!;
  const reversal = kind.reversals[unit.language]?.(unit, random);
  if (reversal === undefined) return undefined;
  const { instruction, after = unit.text } = reversal;
  const text = after.replace(/\n+$/, "");
  return { before: text, after: text, areSame: true, instruction, facts: { asked: kind.name } };
}

export const nothingToDo: EditKind = {
  name: "nothing-to-do",
  reversals: { python: done, typescript: done, javascript: done },
};
