// A string as what it holds, whichever quotes are round it: its prefix, its text and the expressions in it.
// A docstring is its lines, however they are indented.

import type { SyntaxNode } from "../../syntax/node.ts";

/** The parts of a string of Python or of a script; undefined for another node, templates among them. */
export function stringParts(
  node: SyntaxNode,
  docstring: (text: string) => string = (text) => text,
): (SyntaxNode | string)[] | undefined {
  if (node.type !== "string") return undefined;
  const start = node.children[0]!;
  if (start.type !== "string_start") return [unescaped(node.text.slice(1, -1))];
  const prefix = start.text
    .replace(/["']+$/, "")
    .toLowerCase()
    .replace("u", "");
  const isRaw = prefix.includes("r");
  const parts = node.children.slice(1, -1).map((part) => {
    if (part.type !== "string_content") return part;
    const text = isRaw ? part.text : unescaped(part.text);
    return isStatement(node) ? docstring(trimmedLines(text)) : text;
  });
  return [prefix, ...parts];
}

/** A quote need not be escaped among quotes of the other sort. */
function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (pair, character: string) =>
    character === '"' || character === "'" ? character : pair,
  );
}

/** A string that stands alone: a docstring, or a comment in the guise of one. */
export function isStatement({ parent }: SyntaxNode): boolean {
  return parent?.type === "expression_statement" && parent.named.length === 1;
}

function trimmedLines(text: string): string {
  const lines = text.trim().split("\n");
  return lines.map((line) => line.trim()).join("\n");
}
