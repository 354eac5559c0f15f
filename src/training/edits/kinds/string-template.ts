// Texts that are put together from parts become templates: f-strings in Python, template literals in
// TypeScript and JavaScript.

import { phrasedKind } from "../phrased.ts";
import { loseTemplates } from "./python/string-template.ts";

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

export const stringTemplate = phrasedKind("string-template", phrasings, {
  python: loseTemplates,
});
