// A function without its last parameter, in any language: the value that this has by default stands where
// it was used.

import type { SyntaxNode } from "../../../syntax/node.ts";
import type { EditUnit } from "../kind.ts";
import type { Loss } from "../phrased.ts";
import { rewritten } from "../rewrite.ts";

export interface LastParameter {
  /** The one before it. */
  readonly before: SyntaxNode;
  readonly parameter: SyntaxNode;
  readonly name: SyntaxNode;
  readonly value: SyntaxNode;
  /** Where the function uses it. */
  readonly uses: readonly SyntaxNode[];
}

const valueMax = 30;
const declarationMax = 60;
const usesMax = 3;

/** Undefined where the value cannot be said, or where who reads it could not tell what is meant. */
export function withoutParameter(
  { text, name: unitName }: EditUnit,
  { before, parameter, name, value, uses }: LastParameter,
): Loss | undefined {
  const isSaid = (said: string, most: number) => said.length <= most && !/[\n`]/.test(said);
  if (!isSaid(parameter.text, declarationMax) || !isSaid(value.text, valueMax)) return undefined;
  if (uses.length === 0 || uses.length > usesMax || /^(?:""|'')$/.test(value.text))
    return undefined;
  // A comment between them would be lost with it.
  if (!/^,\s*$/.test(text.slice(before.to, parameter.from))) return undefined;
  if (callsItself(text.slice(parameter.to), unitName)) return undefined;
  const without = rewritten(text, [
    { from: before.to, to: parameter.to, text: "" },
    ...uses.map(({ from, to }) => ({ from, to, text: value.text })),
  ]);
  // Another one would have to be told apart.
  if (without.split(value.text).length !== uses.length + 1) return undefined;
  return {
    before: without,
    facts: { parameter: name.text, value: value.text },
    words: { declaration: parameter.text },
    phrasings: parameter.field("type") === null ? undefined : typedPhrasings,
  };
}

function callsItself(body: string, name: string): boolean {
  const own = RegExp.escape(name.slice(name.lastIndexOf(".") + 1));
  return new RegExp(`(?<![\\w$])${own}\\s*\\(`).test(body);
}

const typedPhrasings = [
  "Add the parameter `{declaration}`.",
  "Add the parameter `{declaration}` to {name}.",
  "Add the parameter `{declaration}` to {name} and use it.",
  "Add `{declaration}` to the parameters and use it instead of {value}.",
  "Add an optional parameter `{declaration}` to {name}.",
  "Make {value} a parameter: `{declaration}`.",
  "Turn {value} into a parameter, `{declaration}`.",
  "Take {value} as a parameter `{declaration}`.",
  "{name} should take `{declaration}`.",
  "{name} should take `{declaration}` instead of the fixed {value}.",
  "Replace the fixed {value} by a parameter `{declaration}`.",
  "Let callers choose instead of {value}: `{declaration}`.",
];
