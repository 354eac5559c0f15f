// What JavaScript refuses before it runs anything and its grammars here let pass: a name that is declared
// twice in one place, and an `await` in a function that is not async.

import type { Node, Tree } from "web-tree-sitter";
import type { Fault } from "./fault.ts";
import type { Language } from "./languages.ts";

const scripts = new Set(["javascript", "typescript", "tsx"]);

/** What declares a name for the block that it stands in, once. */
const declarations = ["variable_declarator", "class_declaration"];

export function scriptRuleFaults(tree: Tree, { id }: Language): Fault[] {
  if (!scripts.has(id)) return [];
  const nodes = tree.rootNode
    .descendantsOfType([...declarations, "formal_parameters", "await_expression"])
    .filter((node) => !node.hasError);
  const declared = Map.groupBy(nodes, blockOf);
  declared.delete(undefined);
  const wrong = [
    ...[...declared.values()].flatMap((group) => repeated(group.map((node) => nameOf(node)))),
    ...nodes.filter(({ type }) => type === "formal_parameters").flatMap(repeatedParameters),
    ...nodes.filter((node) => node.type === "await_expression" && !mayAwait(node)),
  ];
  return wrong.map(({ startPosition: { row: line, column }, text }) => {
    return { line, column, kind: "error", text: text.split("\n")[0]! };
  });
}

/** The block that a node declares a name for: none for `var`, which may be repeated. */
function blockOf(node: Node): number | undefined {
  if (node.type === "class_declaration") return node.parent?.id;
  const { parent } = node;
  const isLexical = node.type === "variable_declarator" && parent?.type === "lexical_declaration";
  return isLexical ? parent?.parent?.id : undefined;
}

function nameOf(node: Node): Node | null {
  return node.childForFieldName("name");
}

function repeatedParameters(parameters: Node): Node[] {
  return repeated(
    parameters.namedChildren.map((parameter) => {
      const pattern = parameter.childForFieldName("pattern") ?? parameter;
      return pattern.type === "assignment_pattern" ? pattern.childForFieldName("left") : pattern;
    }),
  );
}

/** Those of the names that an earlier one has said already; what takes a value apart is not looked into. */
function repeated(names: readonly (Node | null)[]): Node[] {
  const known = new Set<string>();
  return names.filter((name): name is Node => {
    if (name === null || !/identifier$/.test(name.type)) return false;
    const isKnown = known.has(name.text);
    known.add(name.text);
    return isKnown;
  });
}

const functions =
  /^(?:function_declaration|function_expression|generator_function|generator_function_declaration|arrow_function|method_definition)$/;

/** Outside of all functions a module may. */
function mayAwait(node: Node): boolean {
  for (let at = node.parent; at !== null; at = at.parent) {
    if (functions.test(at.type)) return at.children.some((child) => child?.type === "async");
  }
  return true;
}
