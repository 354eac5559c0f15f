// One use of a Python variable becomes a use of another one that is known there. Vague instructions are
// for those where the right one is then used nowhere, which shows.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { planted } from "./planted.ts";
import { namesBefore } from "./remove-debug.ts";
import { bindingNodes, localNames } from "./scopes.ts";
import { functionOf } from "./structure.ts";

export const plantVariable: Lose = (unit, random) => {
  const definition = functionOf(unit);
  const body = definition?.field("body");
  if (!definition || !body) return undefined;
  const bound = bindingNodes(definition);
  const reads = localNames(definition).flatMap(({ uses }) => {
    const own = uses.filter((node) => !bound.includes(node) && node.from >= body.from);
    return own.map((node) => ({ node, isOnly: own.length === 1 }));
  });
  const read = reads[random.below(reads.length)];
  const expression = read && quotable(read.node);
  const statement = read && statementOf(read.node);
  if (!read || !expression || !statement) return undefined;
  const meant = read.node.text;
  const others = namesBefore(definition, statement).filter(
    (name) => name !== meant && !expression.text.split(/\W+/).includes(name),
  );
  const used = others[random.below(others.length)];
  if (used === undefined) return undefined;
  return planted(
    unit.text,
    {
      what: "variable",
      expression,
      change: { from: read.node.from, to: read.node.to, text: used },
      words: { meant, used },
      isHidden: !read.isOnly,
    },
    random,
  );
};

const quotedMin = 5;

/** The smallest expression around it that is worth quoting. */
function quotable(node: SyntaxNode): SyntaxNode | undefined {
  let at: SyntaxNode | null = node;
  while (at !== null && at.text.length < node.text.length + quotedMin) at = at.parent;
  const isExpression =
    /^(?!argument)\w*(?:call|attribute|operator|subscript|assignment|statement|comprehension|list|tuple|dictionary|pair)$/;
  while (at !== null && !isExpression.test(at.type)) at = at.parent;
  return at === null || at.type === "block" ? undefined : at;
}

export function statementOf(node: SyntaxNode): SyntaxNode | undefined {
  let at: SyntaxNode | null = node;
  while (at !== null && at.parent?.type !== "block") at = at.parent;
  return at ?? undefined;
}
