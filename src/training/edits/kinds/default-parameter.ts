// A parameter gets a default value. The instruction names both: what is to be written is then
// determined.

import { phrasedKind } from "../phrased.ts";

import { loseDefault } from "./python/default-parameter.ts";
import { loseDefault as scriptLoseDefault } from "./script/default-parameter.ts";

const phrasings = [
  "Give {parameter} the default value {value}.",
  "Give {parameter} a default of {value}.",
  "Make {parameter} default to {value}.",
  "Make {parameter} optional with default {value}.",
  "Make {parameter} optional, {value} by default.",
  "Default {parameter} to {value}.",
  "Let {parameter} default to {value} in {name}.",
  "Set the default of {parameter} to {value}.",
  "Add a default value of {value} for {parameter}.",
  "Add the default {value} to the parameter {parameter} of {name}.",
  "{parameter} should default to {value}.",
  "{parameter} should be {value} if it is not given.",
  "When {parameter} is left out, use {value}.",
  "The parameter {parameter} needs a default value: {value}.",
  "I don't want to pass {parameter} every time, make it {value} by default.",
];

export const defaultParameter = phrasedKind("default-parameter", phrasings, {
  python: loseDefault,
  typescript: scriptLoseDefault,
  javascript: scriptLoseDefault,
});
