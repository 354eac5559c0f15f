// Docstrings and directives: a string alone that says something of a unit only where it begins the
// body. What is put before it, or round it, makes it a statement like any other.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";

/** How many functions and classes begin with a string. */
export function leadingTexts(root: SyntaxNode): number {
  return [...descendants(root)].filter((node) => {
    const body = units.test(node.type) ? node.field("body") : null;
    return body !== null && isText(body.named.find(({ type }) => type !== "comment"));
  }).length;
}

const units = /function|method_definition|class_definition/;

function isText(node: SyntaxNode | undefined): boolean {
  const isAlone = node?.type === "expression_statement" && node.named.length === 1;
  return isAlone && node.named[0]!.type === "string";
}
