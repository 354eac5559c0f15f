// What Python's compiler refuses and its grammar here lets pass: a `try` that nothing follows, arguments in
// a wrong order or of one name, words and stars where they cannot stand.

import type { Node, Tree } from "web-tree-sitter";
import type { Fault } from "./fault.ts";

/** For each node what is wrong in it, if anything. */
const rules: Readonly<Record<string, (node: Node) => Node | undefined>> = {
  try_statement: (node) => unless(isHandled(node), node),
  parameters: wrongParameter,
  argument_list: wrongArgument,
  return_statement: (node) => unless(functionAround(node) !== undefined, node),
  break_statement: (node) => unless(isInLoop(node), node),
  continue_statement: (node) => unless(isInLoop(node), node),
  await: (node) => unless(mayAwait(node), node),
  as_pattern: (node) => unless(namesAs.test(node.parent?.type ?? ""), node),
  list_splat: (node) => unless(listing.test(parentOfAll(node)), node),
  list_splat_pattern: (node) => unless(node.parent?.type !== "assignment", node),
  dictionary_splat: (node) => unless(mapping.test(node.parent?.type ?? ""), node),
};

const namesAs =
  /^(?:with_item|except_clause|except_group_clause|case_pattern|tuple|parenthesized_expression)$/;
const listing =
  /^(?:argument_list|list|set|tuple|expression_list|subscript|list_comprehension|set_comprehension|generator_expression|delete_statement)$/;
const mapping = /^(?:argument_list|dictionary|dictionary_comprehension)$/;

export function pythonRuleFaults(tree: Tree): Fault[] {
  return tree.rootNode.descendantsOfType(Object.keys(rules)).flatMap((node) => {
    // The grammar's own fault says it already; a keyword alone is no node of its kind.
    const wrong = node.hasError || !node.isNamed ? undefined : rules[node.type]!(node);
    if (wrong === undefined) return [];
    const { row: line, column } = wrong.startPosition;
    return [{ line, column, kind: "error" as const, text: wrong.text.split("\n")[0]! }];
  });
}

/** What holds a star and all that it is for: the grammar reads `*a.b` as the `b` of `*a`. */
function parentOfAll(star: Node): string {
  let { parent } = star;
  while (parent && /^(?:call|attribute|subscript)$/.test(parent.type)) {
    if (parent.startIndex !== star.startIndex) break;
    parent = parent.parent;
  }
  return parent?.type ?? "";
}

function unless(right: boolean, node: Node): Node | undefined {
  return right ? undefined : node;
}

function isHandled(statement: Node): boolean {
  return statement.namedChildren.some((child) => /^(?:except|finally)_/.test(child?.type ?? ""));
}

/** The function that a node is in, if that is nearer than a class. */
function functionAround(node: Node): Node | undefined {
  for (let at = node.parent; at !== null; at = at.parent) {
    if (at.type === "function_definition") return at;
    if (at.type === "class_definition") return undefined;
  }
  return undefined;
}

function isInLoop(node: Node): boolean {
  for (let at = node.parent; at !== null; at = at.parent) {
    if (/^(?:for|while)_statement$/.test(at.type)) return true;
    if (/^(?:function|class)_definition$/.test(at.type)) return false;
  }
  return false;
}

/** Outside of all functions it may: some consoles and notebooks run such text. */
function mayAwait(node: Node): boolean {
  const around = functionAround(node);
  return around === undefined || around.firstChild?.type === "async";
}

/** The first argument with a name that is there already, or without a name behind one that has one. */
function wrongArgument(list: Node): Node | undefined {
  const names = new Set<string>();
  let isNamed = false;
  for (const argument of list.namedChildren) {
    if (argument === null || argument.type === "comment") continue;
    if (argument.type === "keyword_argument") {
      const name = argument.firstChild!.text;
      if (names.has(name)) return argument;
      names.add(name);
      isNamed = true;
    } else if (argument.type === "dictionary_splat") isNamed = true;
    else if (isNamed && argument.type !== "list_splat") return argument;
  }
  return undefined;
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
