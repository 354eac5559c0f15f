// A function of TypeScript or JavaScript loses its last parameter: the value that it has by default stands
// wherever the function uses it.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { withoutParameter } from "../lost-parameter.ts";
import { bindingsOf } from "./bindings.ts";
import { defaultOf, functionOf, ofType, parameterName, parametersOf } from "./nodes.ts";

export const loseParameter: Lose = (unit) => {
  const { root } = unit;
  const own = functionOf(root);
  // What is described would have to be described again.
  if (ofType(root, "comment").some(({ text }) => /@param/.test(text))) return undefined;
  const [before, parameter] = own === undefined ? [] : parametersOf(own).slice(-2);
  const name = parameter && parameterName(parameter);
  const value = parameter && defaultOf(parameter);
  if (!before || !parameter || !name || !value) return undefined;
  const binding = bindingsOf(root).find(({ node }) => node.from === name.from);
  const uses = binding?.uses.filter(({ from }) => from !== name.from) ?? [];
  if (!uses.every((use) => mayBeValue(use, value))) return undefined;
  return withoutParameter(unit, { before, parameter, name, value, uses });
};

/** Whether a person could have written the value there. */
function mayBeValue(use: SyntaxNode, { type }: SyntaxNode): boolean {
  const around = use.parent!;
  if (around.type === "arguments") return /^(?:number|string|true|false)$/.test(type);
  if (around.type === "subscript_expression") {
    return around.field("index")?.from === use.from && /^(?:number|string)$/.test(type);
  }
  // Of two numbers one would be computed or compared by hand.
  const operator = around.type === "binary_expression" ? around.field("operator")!.type : "";
  const isComputed = /^(?:[-+*/%]|\*\*|[<>]=?)$/.test(operator) && type === "number";
  return isComputed && !around.named.some((side) => side.type === "number");
}
