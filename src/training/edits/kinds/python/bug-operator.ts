// One operator of a Python function becomes another that parses as well and is wrong. The expression that
// it is in is short enough to be quoted.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { vagueNowAndThen } from "../bug-phrasings.ts";
import { functionOf, ownNodes } from "./structure.ts";

/** What is written by mistake in place of each. */
const mistakes: Readonly<Record<string, readonly string[]>> = {
  "<": [">", ">", "<=", ">="],
  ">": ["<", "<", ">=", "<="],
  "<=": [">=", ">=", "<"],
  ">=": ["<=", "<=", ">"],
  "==": ["!="],
  "!=": ["=="],
  in: ["not in"],
  "not in": ["in"],
  is: ["is not"],
  "is not": ["is"],
  and: ["or"],
  or: ["and"],
  "+": ["-", "-", "*"],
  "-": ["+"],
  "*": ["+", "/"],
  "/": ["*"],
  "//": ["/", "%"],
  "%": ["//", "/"],
  "+=": ["-="],
  "-=": ["+="],
  "*=": ["+=", "/="],
};

const expressionMax = 60;

export const plantOperator: Lose = (unit, random) => {
  const definition = functionOf(unit);
  const body = definition?.field("body");
  if (!body) return undefined;
  const places = [...ownNodes(body)].flatMap((node) => {
    const operator = operatorOf(node);
    return operator === undefined ? [] : [{ expression: node, operator }];
  });
  const place = places[random.below(places.length)];
  if (place === undefined) return undefined;
  const { expression, operator } = place;
  const wrongs = mistakes[operator.text.replace(/\s+/g, " ")]!;
  const wrong = wrongs[random.below(wrongs.length)]!;
  const before = rewritten(unit.text, [{ from: operator.from, to: operator.to, text: wrong }]);
  const right = expression.text;
  const shift = expression.from;
  const quoted = rewritten(right, [
    { from: operator.from - shift, to: operator.to - shift, text: wrong },
  ]);
  // What is quoted must be the one place.
  if (before.split(quoted).length !== 2) return undefined;
  return {
    before,
    facts: { what: "operator", wrong: quoted, right },
    words: { operator: wrong, correct: operator.text },
    phrasings: vagueNowAndThen(random),
  };
};

/** The one operator of a short expression. */
function operatorOf(node: SyntaxNode): SyntaxNode | undefined {
  if (node.to - node.from > expressionMax || node.text.includes("\n")) return undefined;
  if (node.type === "comparison_operator") {
    const operators = node.children.filter(({ isNamed }) => !isNamed);
    return operators.length === 1 && isKnown(operators[0]!) ? operators[0] : undefined;
  }
  if (!/^(?:boolean_operator|binary_operator|augmented_assignment)$/.test(node.type)) {
    return undefined;
  }
  const operator = node.field("operator");
  if (operator === null || !isKnown(operator) || node.named.some(isText)) return undefined;
  return operator;
}

function isKnown(operator: SyntaxNode): boolean {
  return mistakes[operator.text.replace(/\s+/g, " ")] !== undefined;
}

/** Texts are joined and filled in by operators that nobody mistakes. */
function isText({ type }: SyntaxNode): boolean {
  return type === "string" || type === "concatenated_string";
}
