// A class gets another name where it is defined and wherever the unit speaks of it. Names that only hold
// that of the class are left alone.

import { phrasedKind } from "../phrased.ts";
import { renameClassOf } from "./python/rename-definition.ts";
import { loseClassName as loseScriptClass } from "./script/rename.ts";

const phrasings = [
  "Rename {from} to {to}.",
  "Rename `{from}` to `{to}`.",
  "Rename the class {from} to {to}.",
  "Rename the class `{from}` to `{to}`.",
  "Rename the class to {to}.",
  "Call the class {to} instead of {from}.",
  "Change the name of {from} to {to}.",
  "Change the class name {from} to {to}.",
  "{from} should be called {to}.",
  "The class {from} should be named {to}.",
  "{from} is a bad name for the class, call it {to}.",
  "Use the name {to} for the class {from}.",
  "rename class {from} -> {to}",
  "I want the class {from} to be called {to}.",
];

export const renameClass = phrasedKind("rename-class", phrasings, {
  typescript: loseScriptClass,
  javascript: loseScriptClass,
  python: renameClassOf,
});
