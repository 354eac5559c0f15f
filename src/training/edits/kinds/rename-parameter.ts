// A parameter gets another name, in the signature and wherever the function uses it. Keyword arguments of
// calls within that are called the same are not it.

import { phrasedKind } from "../phrased.ts";
import { renameLocal } from "./python/rename-local.ts";
import { renamePhrasings } from "./rename-variable.ts";
import { loseParameterName as loseScriptParameter } from "./script/rename.ts";

const phrasings = [
  ...renamePhrasings,
  "Rename the parameter {from} of {name} to {to}.",
  "Rename the argument {from} to {to}.",
  "{name} takes {from}, it should take {to}.",
];

export const renameParameter = phrasedKind("rename-parameter", phrasings, {
  typescript: loseScriptParameter,
  javascript: loseScriptParameter,
  python: renameLocal("parameter"),
});
