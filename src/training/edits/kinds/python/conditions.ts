// The opposite of a Python condition as a person writes it: "x is not None" of "x is None", and "not"
// where nothing better is at hand.

import type { SyntaxNode } from "../../../../syntax/node.ts";

const opposites: Readonly<Record<string, string>> = {
  "==": "!=",
  "!=": "==",
  is: "is not",
  "is not": "is",
  in: "not in",
  "not in": "in",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};

export function opposite(condition: SyntaxNode): string {
  if (condition.type === "not_operator") return condition.field("argument")!.text;
  if (condition.type === "comparison_operator") {
    const operators = condition.children.filter(({ isNamed }) => !isNamed);
    const other = opposites[operators[0]!.text.replace(/\s+/g, " ")];
    if (operators.length === 1 && other !== undefined) {
      const [left, right] = condition.named;
      return `${left!.text} ${other} ${right!.text}`;
    }
  }
  const needsBrackets = /^(?:boolean_operator|conditional_expression|lambda|named_expression)$/;
  return needsBrackets.test(condition.type) ? `not (${condition.text})` : `not ${condition.text}`;
}
