// A Python function loses its last parameter: the value that it has by default stands wherever the function
// uses it.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { withoutParameter } from "../lost-parameter.ts";
import { localNames, parameterName } from "./scopes.ts";
import { functionOf } from "./structure.ts";

export const loseParameter: Lose = (unit) => {
  const definition = functionOf(unit);
  const parameters = definition?.field("parameters")?.named ?? [];
  const [before, parameter] = parameters.slice(-2);
  const value = parameter?.field("value");
  const name = parameter && parameterName(parameter);
  if (!definition || !before || !parameter || !value || !name) return undefined;
  if (parameters.some(({ type, text }) => /separator|comment/.test(type) || text.startsWith("*"))) {
    return undefined;
  }
  const local = localNames(definition).find((one) => one.name === name.text);
  const uses = local?.uses.slice(1) ?? [];
  if (!uses.every((use) => mayBeValue(use, value))) return undefined;
  return withoutParameter(unit, { before, parameter, name, value, uses });
};

/** Whether a person could have written the value there. */
function mayBeValue(use: SyntaxNode, { type }: SyntaxNode): boolean {
  const around = use.parent!;
  if (around.type === "argument_list") return literal.test(type);
  if (around.type === "keyword_argument") {
    return around.field("name") !== use && literal.test(type);
  }
  // Of two numbers one would be computed or compared by hand.
  const isComputed =
    around.type === "binary_operator" ||
    (around.type === "comparison_operator" &&
      around.children.some((one) => /^[<>]/.test(one.type)));
  return isComputed && number.test(type) && !around.named.some((side) => number.test(side.type));
}

const literal = /^(?:integer|float|string|true|false)$/;
const number = /^(?:integer|float)$/;
