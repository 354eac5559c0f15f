// A Python function loses its last parameter: the value that it has by default stands wherever the function
// uses it.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { typedPhrasings } from "../add-parameter.ts";
import { localNames, parameterName } from "./scopes.ts";
import { functionOf } from "./structure.ts";

const valueMax = 30;
const usesMax = 3;

export const loseParameter: Lose = (unit) => {
  const definition = functionOf(unit);
  const parameters = definition?.field("parameters")?.named ?? [];
  const [before, last] = parameters.slice(-2);
  const value = last?.field("value");
  if (definition === undefined || last === undefined || !value || before === undefined) {
    return undefined;
  }
  if (parameters.some(({ type }) => /splat|separator|comment/.test(type))) return undefined;
  const name = parameterName(last)?.text;
  const local = localNames(definition).find((one) => one.name === name);
  const [, ...uses] = local?.uses ?? [];
  if (uses.length === 0 || uses.length > usesMax) return undefined;
  if (!uses.every((use) => mayBeValue(use, value))) return undefined;
  const text = rewritten(unit.text, [
    { from: before.to, to: last.to, text: "" },
    ...uses.map(({ from, to }) => ({ from, to, text: value.text })),
  ]);
  // Another one would have to be told apart.
  if (text.split(value.text).length !== uses.length + 1) return undefined;
  const facts = { parameter: name!, value: value.text };
  const isTyped = last.field("type") !== null;
  const words = { declaration: last.text };
  return { before: text, facts, words, phrasings: isTyped ? typedPhrasings : undefined };
};

/** Whether a person could have written the value there. */
function mayBeValue(use: SyntaxNode, value: SyntaxNode): boolean {
  const { text, type } = value;
  if (text.length > valueMax || text.includes("\n") || text === '""' || text === "''") return false;
  const around = use.parent!;
  const isArgument =
    around.type === "argument_list" ||
    (around.type === "keyword_argument" && around.field("name") !== use);
  if (/^(?:true|false)$/.test(type)) return isArgument;
  if (!/^(?:integer|float|string)$/.test(type)) return false;
  return isArgument || /^(?:binary|comparison)_operator$/.test(around.type);
}
