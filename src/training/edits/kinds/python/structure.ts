// What a Python unit is made of: its definition, the statements of its body, nodes of a type. Every
// transformation of Python asks here.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import type { EditUnit } from "../../kind.ts";
import { indentAt, startsLine } from "../../rewrite.ts";

/** The function or class that the unit is, without its decorators; undefined for a file. */
export function definitionOf(unit: EditUnit): SyntaxNode | undefined {
  if (unit.what === "file") return undefined;
  const last = unit.root.named.at(-1);
  const definition = last?.type === "decorated_definition" ? last.field("definition") : last;
  return definition?.type.endsWith("_definition") ? definition : undefined;
}

export function functionOf(unit: EditUnit): SyntaxNode | undefined {
  const definition = definitionOf(unit);
  return definition?.type === "function_definition" ? definition : undefined;
}

/** Without comments. */
export function statementsOf(definition: SyntaxNode): readonly SyntaxNode[] {
  const body = definition.field("body");
  return body?.named.filter(({ type }) => type !== "comment") ?? [];
}

/** What the definition's body is indented by. */
export function stepOf(definition: SyntaxNode, text: string): string {
  const [first] = statementsOf(definition);
  if (first === undefined || !startsLine(text, first.from)) return "    ";
  return indentAt(text, first.from).slice(indentAt(text, definition.from).length) || "    ";
}

/** The statement that is the definition's docstring. */
export function docstringOf(definition: SyntaxNode): SyntaxNode | undefined {
  const [first] = statementsOf(definition);
  const isString = first?.type === "expression_statement" && first.named[0]?.type === "string";
  return isString && first.named.length === 1 ? first : undefined;
}

const scopes = new Set(["function_definition", "class_definition", "lambda"]);

/** The nodes below that are not in a function or class within. */
export function* ownNodes(node: SyntaxNode): Generator<SyntaxNode> {
  for (const child of node.children) {
    yield child;
    if (!scopes.has(child.type)) yield* ownNodes(child);
  }
}

export function descendantsOf(node: SyntaxNode, type: string): SyntaxNode[] {
  return [...descendants(node)].filter((one) => one.type === type);
}
