// A function or method gets another name where it is defined and wherever the unit calls it. What other
// objects have of the same name is left alone.

import { phrasedKind } from "../phrased.ts";
import { renameFunctionOf } from "./python/rename-definition.ts";
import { loseFunctionName as loseScriptFunction } from "./script/rename.ts";

const phrasings = [
  "Rename {from} to {to}.",
  "Rename `{from}` to `{to}`.",
  "Rename the {what} {from} to {to}.",
  "Rename the {what} `{from}` to `{to}`.",
  "Call the {what} {to} instead of {from}.",
  "Call it {to} instead of {from}.",
  "Change the name of {from} to {to}.",
  "Change the {what}'s name to {to}.",
  "{from} should be called {to}.",
  "The {what} should be named {to}.",
  "The name {from} is misleading, {to} is better.",
  "Use the name {to} for {from}.",
  "rename {from} -> {to}",
  "I want {from} to be called {to}.",
];

export const renameFunction = phrasedKind("rename-function", phrasings, {
  typescript: loseScriptFunction,
  javascript: loseScriptFunction,
  python: renameFunctionOf,
});
