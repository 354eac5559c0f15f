// A function of TypeScript or JavaScript loses its last parameter: the value that it has by default stands
// wherever the function uses it.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { typedPhrasings } from "../add-parameter.ts";
import { bindingsOf } from "./bindings.ts";
import { defaultOf, functionOf, ofType, parameterName, parametersOf } from "./nodes.ts";

const valueMax = 30;
const usesMax = 3;

export function loseParameter({ root, text }: EditUnit): Loss | undefined {
  const own = functionOf(root);
  if (own === undefined || ofType(root, "comment").some(({ text: said }) => /@param/.test(said))) {
    return undefined;
  }
  const [before, last] = parametersOf(own).slice(-2);
  const name = last && parameterName(last);
  const value = last && defaultOf(last);
  if (before === undefined || name === undefined || value === undefined) return undefined;
  const binding = bindingsOf(root).find(({ node }) => node.from === name.from);
  const uses = binding?.uses.filter(({ from }) => from !== name.from) ?? [];
  if (uses.length === 0 || uses.length > usesMax) return undefined;
  if (!uses.every((use) => mayBeValue(use, value))) return undefined;
  const without = rewritten(text, [
    { from: before.to, to: last!.to, text: "" },
    ...uses.map(({ from, to }) => ({ from, to, text: value.text })),
  ]);
  // Another one would have to be told apart.
  if (without.split(value.text).length !== uses.length + 1) return undefined;
  const facts = { parameter: name.text, value: value.text };
  const isTyped = last!.field("type") !== null;
  const words = { declaration: last!.text };
  return { before: without, facts, words, phrasings: isTyped ? typedPhrasings : undefined };
}

/** Whether a person could have written the value there. */
function mayBeValue(use: SyntaxNode, value: SyntaxNode): boolean {
  const { text, type } = value;
  if (text.length > valueMax || /^(?:""|'')$/.test(text)) return false;
  const around = use.parent!.type;
  if (/^(?:true|false)$/.test(type)) return around === "arguments";
  if (!/^(?:number|string)$/.test(type)) return false;
  return /^(?:arguments|binary_expression|subscript_expression)$/.test(around);
}
