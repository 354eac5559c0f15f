// What is fixed in a function becomes a parameter of it, which has that value by default. `{declaration}`
// is the parameter as the signature has it.

import { phrasedKind } from "../phrased.ts";
import { loseParameter } from "./python/add-parameter.ts";
import { loseParameter as scriptLoseParameter } from "./script/add-parameter.ts";

const phrasings = [
  "Add a parameter {parameter} with default {value} to {name}.",
  "Add a parameter {parameter}, {value} by default, and use it instead of {value}.",
  "Add an optional parameter {parameter} with the default {value}.",
  "Add the parameter `{declaration}`.",
  "Add the parameter `{declaration}` to {name} and use it.",
  "Make {value} a parameter {parameter} of {name}.",
  "Make the {value} in {name} configurable by a parameter {parameter}.",
  "Turn {value} into a parameter {parameter} with that default.",
  "Don't hard-code {value} in {name}, take it as a parameter {parameter}.",
  "Let callers pass {parameter} instead of the fixed {value}.",
  "{name} should take {parameter}, {value} by default.",
  "{name} needs an argument {parameter} that defaults to {value}.",
  "Replace the fixed {value} by a parameter {parameter} with this default.",
  "The {value} should be a parameter called {parameter}.",
];

export const addParameter = phrasedKind("add-parameter", phrasings, {
  python: loseParameter,
  typescript: scriptLoseParameter,
  javascript: scriptLoseParameter,
});
