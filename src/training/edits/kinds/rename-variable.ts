// A local variable gets another name. Half of the examples give one back, half take the name that people
// chose for another, so that uses, attributes and strings of the old name are told apart.

import { phrasedKind } from "../phrased.ts";
import { renameLocal } from "./python/rename-local.ts";
import { loseVariableName as scriptLoseVariableName } from "./script/rename.ts";

export const renamePhrasings: readonly string[] = [
  "Rename {from} to {to}.",
  "Rename {from} to {to} in {name}.",
  "Rename the {what} {from} to {to}.",
  "Rename the {what} `{from}` to `{to}`.",
  "Rename `{from}` to `{to}` everywhere.",
  "Call {from} {to} instead.",
  "Change the name of {from} to {to}.",
  "Change the {what} name {from} to {to}.",
  "Use {to} instead of {from} as the name.",
  "The {what} {from} should be called {to}.",
  "{from} is a bad name, call it {to}.",
  "{from} should be named {to}.",
  "Replace the {what} name `{from}` with `{to}`.",
  "rename {from} -> {to}",
  "I'd like {from} to be called {to}.",
  "In {name}, rename {from} to {to} and leave the rest as it is.",
];

export const renameVariable = phrasedKind("rename-variable", renamePhrasings, {
  python: renameLocal("variable"),
  typescript: scriptLoseVariableName,
  javascript: scriptLoseVariableName,
});
