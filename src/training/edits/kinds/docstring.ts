// A docstring or doc comment that says what a unit does. Only short ones, which can be told from the
// code, are asked for.

import { phrasedKind } from "../phrased.ts";
import { loseDocstring } from "./python/docstring.ts";
import { loseDocstring as loseScriptDocstring } from "./script/docstring.ts";

/** `{thing}` is what the language calls it. */
const phrasings = [
  "Add a {thing}.",
  "Add a {thing} to {name}.",
  "Add a short {thing}.",
  "Add a {thing} that says what {name} does.",
  "Add documentation to {name}.",
  "Write a {thing} for {name}.",
  "Write a {thing} for this.",
  "Write a short {thing}.",
  "Document {name}.",
  "Document what {name} does.",
  "Document this.",
  "Give {name} a {thing}.",
  "{name} has no {thing}, add one.",
  "{name} needs a {thing}.",
  "The {thing} is missing.",
  "Describe in a {thing} what {name} does.",
];

export const docstring = phrasedKind("docstring", phrasings, {
  python: loseDocstring,
  typescript: loseScriptDocstring,
  javascript: loseScriptDocstring,
});
