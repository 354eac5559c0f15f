// A range, an index, a slice or a bound of a Python function that is off by one. What is planted is what
// is written by mistake: a forgotten or a needless one.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { Lose } from "../../phrased.ts";
import type { Replacement } from "../../rewrite.ts";
import { type Planted, planted } from "./planted.ts";
import { functionOf, ownNodes } from "./structure.ts";

export const plantOffByOne: Lose = (unit, random) => {
  const body = functionOf(unit)?.field("body");
  if (!body) return undefined;
  const places = [...ownNodes(body)].flatMap((node) => mistakesAt(node, random));
  const place = places[random.below(places.length)];
  return place && planted(unit.text, place, random);
};

function mistakesAt(node: SyntaxNode, random: Random): Planted[] {
  const changes = changesAt(node, random);
  // Which end of a list is meant is seldom to be seen.
  const isHidden = node.type === "subscript";
  // A sum that lost its one cannot be quoted alone: "n" is everywhere.
  const expression = node.type === "binary_operator" ? node.parent! : node;
  return changes.map((change) => ({ what: "off-by-one", expression, change, isHidden }));
}

function changesAt(node: SyntaxNode, random: Random): Replacement[] {
  switch (node.type) {
    case "call":
      return node.field("function")!.text === "range" ? rangeChanges(node, random) : [];
    case "binary_operator":
      return oneMore(node);
    case "subscript":
      return sliceChanges(node);
    case "comparison_operator":
      return boundChanges(node);
    default:
      return [];
  }
}

/** `range(n)` ends one too soon or too late, or begins at the wrong place. */
function rangeChanges(call: SyntaxNode, random: Random): Replacement[] {
  const values = call.field("arguments")!.named;
  const end = values[values.length === 1 ? 0 : 1];
  if (values.length === 0 || values.length > 2 || !/^[\w.()]+$/.test(end?.text ?? "")) return [];
  const other = random.next() < 0.6 ? `${end!.text} - 1` : `${end!.text} + 1`;
  const changes = [replace(end!, other)];
  const [start] = values;
  if (values.length === 2 && /^\d+$/.test(start!.text)) {
    changes.push(replace(start!, String(Number(start!.text) === 0 ? 1 : Number(start!.text) - 1)));
  } else if (values.length === 1) changes.push(replace(start!, `1, ${start!.text}`));
  return changes;
}

/** `n + 1` and `n - 1` without their one. */
function oneMore(node: SyntaxNode): Replacement[] {
  const [left, right] = node.named;
  const operator = node.field("operator")!.text;
  if (right?.text !== "1" || !/^[+-]$/.test(operator) || !/^[\w.()[\]]+$/.test(left!.text))
    return [];
  return [replace(node, left!.text), replace(right, "2")];
}

/** `x[1:]`, `x[:-1]` and `x[-1]`. */
function sliceChanges(node: SyntaxNode): Replacement[] {
  const index = node.field("subscript");
  const others: Readonly<Record<string, readonly string[]>> = {
    "1:": ["2:", ":"],
    ":-1": [":", ":-2"],
    "1:-1": ["1:", ":-1"],
    "-1": ["-2", "0"],
  };
  if (index === null || node.named.length !== 2) return [];
  return (others[index.text] ?? []).map((other) => replace(index, other));
}

/** `<` for `<=`, and `0` for `1`, where a number or a length is compared. */
function boundChanges(node: SyntaxNode): Replacement[] {
  const operators = node.children.filter(({ isNamed }) => !isNamed);
  const [left, right] = node.named;
  if (operators.length !== 1 || node.named.length !== 2) return [];
  const operator = operators[0]!;
  const others: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
  const other = others[operator.text];
  const counts = /^\d+$|\blen\(/;
  if (other === undefined || !(counts.test(left!.text) || counts.test(right!.text))) return [];
  const changes = [replace(operator, other)];
  if (/^[0-9]$/.test(right!.text)) changes.push(replace(right!, String(Number(right!.text) + 1)));
  return changes;
}

function replace({ from, to }: SyntaxNode, text: string): Replacement {
  return { from, to, text };
}
