// Texts that are put together from parts become templates: f-strings in Python, template literals in
// TypeScript and JavaScript.

import { type Lose, phrasedKind } from "../phrased.ts";
import { loseTemplates } from "./python/string-template.ts";
import { loseTemplates as loseScriptTemplates } from "./script/string-template.ts";

/** `{thing}` is "an f-string" or "f-strings". */
const phrasings = [
  "Use {thing}.",
  "Use {thing} in {name}.",
  "Use {thing} here.",
  "Use {thing} instead of {old}.",
  "Replace {old} with {thing}.",
  "Replace {old} in {name} with {thing}.",
  "Convert {old} to {thing}.",
  "Convert {name} to {thing}.",
  "Turn {old} into {thing}.",
  "Change {old} to {thing}.",
  "Write it with {thing}.",
  "Rewrite {old} as {thing}.",
  "Rewrite the string formatting with {thing}.",
  "{name} uses {old}, use {thing} instead.",
  "Modernize the string formatting: {thing}.",
];

/** Sums are how such texts were made before. */
const loseTemplateLiterals: Lose = (unit) => {
  const words = { thing: "template literals", old: "the concatenation" };
  const loss = loseScriptTemplates(unit);
  return loss && { ...loss, words };
};

export const stringTemplate = phrasedKind("string-template", phrasings, {
  python: loseTemplates,
  typescript: loseTemplateLiterals,
  javascript: loseTemplateLiterals,
});
