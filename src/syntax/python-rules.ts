// What Python's compiler refuses and its grammar here lets pass: a `try` that nothing follows, arguments in
// a wrong order or of one name, words and stars where they cannot stand.

import type { Node, Tree } from "web-tree-sitter";
import { type Placed, placed } from "./enclosing.ts";
import type { Fault } from "./fault.ts";

/** For each node what is wrong in it, if anything. */
const rules: Readonly<Record<string, (placed: Placed) => Node | undefined>> = {
  try_statement: ({ node }) => unless(isHandled(node), node),
  parameters: ({ node }) => wrongParameter(node),
  argument_list: ({ node }) => wrongArgument(node),
  return_statement: ({ node, around }) => unless(isInFunction(around), node),
  break_statement: ({ node, around }) => unless(isInLoop(around), node),
  continue_statement: ({ node, around }) => unless(isInLoop(around), node),
  await: ({ node, around }) => unless(mayAwait(around), node),
  as_pattern: ({ node }) => unless(naming.test(holderOf(node, "end")), node),
  list_splat: ({ node }) => unless(listing.test(holderOf(node, "start")), node),
  list_splat_pattern: ({ node }) => unless(node.parent?.type !== "assignment", node),
  dictionary_splat: ({ node }) => unless(mapping.test(node.parent?.type ?? ""), node),
};

const enclosing = [
  "function_definition",
  "class_definition",
  "for_statement",
  "while_statement",
  "generator_expression",
];

/** What a name may be given in, what may hold stars, and what two of them. */
const naming = /^(?:with_item|except_clause|case_pattern|tuple|parenthesized_expression)$/;
const listing =
  /^(?:argument_list|list|set|tuple|expression_list|pattern_list|(?:list|tuple)_pattern|subscript|(?:list|set)_comprehension|generator_expression|delete_statement|match_statement|type)$/;
const mapping = /^(?:argument_list|dictionary|dictionary_comprehension)$/;

export function pythonRuleFaults(tree: Tree): Fault[] {
  const nodes = placed(tree, Object.keys(rules), enclosing, (node) => {
    return node.childForFieldName("body");
  });
  return nodes.flatMap((one) => {
    const wrong = rules[one.node.type]!(one);
    if (wrong === undefined) return [];
    const { row: line, column } = wrong.startPosition;
    return [{ line, column, kind: "error" as const, text: wrong.text.split("\n")[0]! }];
  });
}

const part =
  /^(?:call|attribute|subscript|conditional_expression|lambda|await|(?:binary|boolean|comparison|not|unary)_operator)$/;
/** Parents that are looked at: more are no code. */
const partsMax = 50;

/**
 * What holds a node and all that it is for, where the grammar takes it for a part of that: `*a.b` for the
 * `b` of `*a`, `x if y else z as w` for an `else` of `z as w`.
 */
function holderOf(node: Node, side: "start" | "end"): string {
  let { parent } = node;
  for (let i = 0; parent !== null && part.test(parent.type) && i < partsMax; i++) {
    const isAtSide = parent[`${side}Index`] === node[`${side}Index`];
    if (!isAtSide) break;
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

function isInFunction(around: readonly Node[]): boolean {
  const nearest = around.findLast(({ type }) => /^(?:function|class)_definition$/.test(type));
  return nearest?.type === "function_definition";
}

function isInLoop(around: readonly Node[]): boolean {
  const nearest = around.findLast(({ type }) => type !== "generator_expression");
  return /^(?:for|while)_statement$/.test(nearest?.type ?? "");
}

/** Outside of all functions it may: some consoles and notebooks run such text. */
function mayAwait(around: readonly Node[]): boolean {
  const nearest = around.findLast(({ type }) => !/^(?:for|while)_statement$/.test(type));
  return nearest?.type !== "function_definition" || nearest.firstChild?.type === "async";
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

/**
 * The first parameter with a name that is there already, without a default behind one that has one, or
 * behind that which takes all the others.
 */
function wrongParameter(parameters: Node): Node | undefined {
  const names = new Set<string>();
  let hasDefault = false;
  let hasStar = false;
  let isComplete = false;
  for (const parameter of parameters.namedChildren) {
    if (parameter === null || parameter.type === "comment") continue;
    const { type, text } = parameter;
    if (isComplete) return parameter;
    isComplete = text.startsWith("**");
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
