// What Python's compiler refuses and its grammar here lets pass: a `try` that nothing follows, parameters
// in a wrong order or of one name, a `return` outside of a function.

import type { Node, Tree } from "web-tree-sitter";
import type { Fault } from "./fault.ts";

const checked = ["try_statement", "parameters", "return_statement"];

export function pythonRuleFaults(tree: Tree): Fault[] {
  return tree.rootNode.descendantsOfType(checked).flatMap((node) => {
    const wrong = wrongIn(node);
    if (wrong === undefined) return [];
    const { row: line, column } = wrong.startPosition;
    return [{ line, column, kind: "error" as const, text: wrong.text.split("\n")[0]! }];
  });
}

function wrongIn(node: Node): Node | undefined {
  // The grammar's own fault says it already.
  if (node.hasError) return undefined;
  if (node.type === "parameters") return wrongParameter(node);
  if (node.type === "try_statement") return isHandled(node) ? undefined : node;
  return isInFunction(node) ? undefined : node;
}

function isHandled(statement: Node): boolean {
  return statement.namedChildren.some((child) => /^(?:except|finally)_/.test(child?.type ?? ""));
}

function isInFunction(node: Node): boolean {
  for (let at = node.parent; at !== null; at = at.parent) {
    if (at.type === "function_definition") return true;
    if (at.type === "class_definition") return false;
  }
  return false;
}

/** The first parameter with a name that is there already, or without a default behind one that has one. */
function wrongParameter(parameters: Node): Node | undefined {
  const names = new Set<string>();
  let hasDefault = false;
  let hasStar = false;
  for (const parameter of parameters.namedChildren) {
    if (parameter === null || parameter.type === "comment") continue;
    const { type, text } = parameter;
    const name = /[\p{L}_][\p{L}\p{N}_]*/u.exec(text)?.[0];
    if (name !== undefined && names.has(name)) return parameter;
    if (name !== undefined) names.add(name);
    if (text.startsWith("*")) hasStar = true;
    else if (/default_parameter$/.test(type)) hasDefault = true;
    // Behind a star the order is free.
    else if (hasDefault && !hasStar && text !== "/") return parameter;
  }
  return undefined;
}
