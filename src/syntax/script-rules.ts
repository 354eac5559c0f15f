// What JavaScript refuses before it runs anything and its grammars here let pass: a constant, variable or
// class that is declared twice in one place, and an `await` in a function that is not async.

import type { Node, Tree } from "web-tree-sitter";
import { type Placed, placed } from "./enclosing.ts";
import type { Fault } from "./fault.ts";
import type { Language } from "./languages.ts";

const scripts = new Set(["javascript", "typescript", "tsx"]);

const functions = [
  "function_declaration",
  "function_expression",
  "generator_function",
  "generator_function_declaration",
  "arrow_function",
  "method_definition",
];

export function scriptRuleFaults(tree: Tree, { id }: Language): Fault[] {
  if (!scripts.has(id)) return [];
  const types = [
    "lexical_declaration",
    "class_declaration",
    "formal_parameters",
    "await_expression",
  ];
  const nodes = placed(tree, types, functions, ownPart);
  const declared = new Map<number, Node[]>();
  const wrong: Node[] = [];
  for (const one of nodes) {
    const { node } = one;
    if (node.type === "formal_parameters") {
      if (mustDiffer(node, id)) wrong.push(...repeated(node.namedChildren.map(parameterName)));
    } else if (node.type === "await_expression") {
      if (!mayAwait(one)) wrong.push(node);
    } else {
      const block = blockOf(node);
      if (block === undefined) continue;
      const names = declared.get(block) ?? [];
      names.push(...namesOf(node));
      declared.set(block, names);
    }
  }
  for (const names of declared.values()) wrong.push(...repeated(names));
  return wrong.map(({ startPosition: { row: line, column }, text }) => {
    return { line, column, kind: "error", text: text.split("\n")[0]! };
  });
}

/** Where a function begins: its computed name and its decorators are not in it. */
function ownPart(node: Node): Node | null {
  for (const field of ["parameters", "parameter", "body"]) {
    const part = node.childForFieldName(field);
    if (part !== null) return part;
  }
  return null;
}

/** The block that a declaration is of; the cases of a switch share one. */
function blockOf(declaration: Node): number | undefined {
  const { parent } = declaration;
  const isInside = /^(?:export_statement|switch_case|switch_default)$/.test(parent?.type ?? "");
  return (isInside ? parent?.parent : parent)?.id;
}

/** The names that a declaration declares; what takes a value apart is not looked into. */
function namesOf(declaration: Node): Node[] {
  const declarators =
    declaration.type === "class_declaration"
      ? [declaration]
      : declaration.namedChildren.filter((child) => child?.type === "variable_declarator");
  return declarators.flatMap((one) => one?.childForFieldName("name") ?? []);
}

/** Whether names may not come twice: a plain function of JavaScript may have two of one name. */
function mustDiffer({ parent }: Node, id: string): boolean {
  if (!parent?.childForFieldName("body")) return false;
  return id !== "javascript" || /^(?:arrow_function|method_definition)$/.test(parent.type);
}

function parameterName(parameter: Node | null): Node | null {
  const pattern = parameter?.childForFieldName("pattern") ?? parameter;
  return pattern?.type === "assignment_pattern" ? pattern.childForFieldName("left") : pattern;
}

/** Those of the names that an earlier one has said already. */
function repeated(names: readonly (Node | null)[]): Node[] {
  const known = new Set<string>();
  return names.filter((name): name is Node => {
    if (name === null || !/identifier$/.test(name.type)) return false;
    const isKnown = known.has(name.text);
    known.add(name.text);
    return isKnown;
  });
}

/** Outside of all functions a module may. */
function mayAwait({ around }: Placed): boolean {
  const nearest = around.at(-1);
  return nearest === undefined || nearest.children.some((child) => child?.type === "async");
}
