// Which names a unit of TypeScript or JavaScript binds, where each holds, and where it stands: what a
// rename must change and what it must leave alone.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import { ancestor, isFunction } from "./nodes.ts";

export type BindingKind = "variable" | "parameter" | "function" | "class" | "import" | "other";

export interface Binding {
  readonly name: string;
  readonly kind: BindingKind;
  /** The identifier where it is bound. */
  readonly node: SyntaxNode;
  /** Where the name holds. */
  readonly scope: SyntaxNode;
  /** Every place where the name stands for it, the binding itself among them. */
  readonly uses: readonly SyntaxNode[];
}

const names = new Set([
  "identifier",
  "type_identifier",
  "shorthand_property_identifier",
  "shorthand_property_identifier_pattern",
]);

/**
 * The bindings that can be renamed without doubt: bound once in the unit, under a name that stands
 * nowhere else for something else and never for a property as well (`{ name }`).
 */
export function bindingsOf(root: SyntaxNode): Binding[] {
  const places = new Map<string, SyntaxNode[]>();
  for (const node of descendants(root)) {
    if (!names.has(node.type)) continue;
    const known = places.get(node.text);
    if (known === undefined) places.set(node.text, [node]);
    else known.push(node);
  }
  const bindings: Binding[] = [];
  for (const [name, uses] of places) {
    const bound = uses.filter((node) => kindOf(node) !== undefined);
    const node = bound.length === 1 ? bound[0]! : undefined;
    if (node === undefined || uses.some(({ type }) => type.startsWith("shorthand"))) continue;
    const kind = kindOf(node)!;
    const scope = scopeOf(node, kind, root);
    if (!uses.every(({ from, to }) => from >= scope.from && to <= scope.to)) continue;
    bindings.push({ name, kind, node, scope, uses });
  }
  return bindings;
}

/** Every name that stands below, bound or used. */
export function namesIn(root: SyntaxNode): Set<string> {
  const found = [...descendants(root)].filter(({ type }) => names.has(type));
  return new Set(found.map(({ text }) => text));
}

/** Names that the unit uses and does not bind: what it needs from its file, and what the language brings. */
export function freeNames(root: SyntaxNode): Set<string> {
  const bound = new Set<string>();
  const used = new Set<string>();
  for (const node of descendants(root)) {
    if (!names.has(node.type) || /^jsx_\w+_element$/.test(node.parent?.type ?? "")) continue;
    (kindOf(node) === undefined ? used : bound).add(node.text);
  }
  for (const name of bound) used.delete(name);
  return used;
}

/** Every name that stands in the text, of whatever sort. */
export function wordsOf(text: string): Set<string> {
  return new Set(text.match(/[A-Za-z_$][\w$]*/g));
}

const fields: Readonly<Record<string, readonly [field: string, kind: BindingKind]>> = {
  variable_declarator: ["name", "variable"],
  for_in_statement: ["left", "variable"],
  required_parameter: ["pattern", "parameter"],
  optional_parameter: ["pattern", "parameter"],
  arrow_function: ["parameter", "parameter"],
  catch_clause: ["parameter", "variable"],
  function_declaration: ["name", "function"],
  generator_function_declaration: ["name", "function"],
  function_expression: ["name", "function"],
  function_signature: ["name", "function"],
  class_declaration: ["name", "class"],
  abstract_class_declaration: ["name", "class"],
  class: ["name", "class"],
  interface_declaration: ["name", "other"],
  type_alias_declaration: ["name", "other"],
  enum_declaration: ["name", "other"],
  type_parameter: ["name", "other"],
  mapped_type_clause: ["name", "other"],
  index_signature: ["name", "other"],
};

/** Patterns that hand on what they bind. */
const patterns = new Set([
  "object_pattern",
  "array_pattern",
  "rest_pattern",
  "pair_pattern",
  "assignment_pattern",
  "object_assignment_pattern",
]);

/** What the identifier binds; undefined where it only uses a name. */
function kindOf(node: SyntaxNode): BindingKind | undefined {
  let at = node;
  let parent = node.parent;
  while (parent !== null && patterns.has(parent.type)) {
    if (isSame(parent.field("right"), at) || isSame(parent.field("key"), at)) return undefined;
    at = parent;
    parent = parent.parent;
  }
  if (parent === null) return undefined;
  if (parent.type === "formal_parameters") return "parameter";
  if (/^(?:import_clause|import_specifier|namespace_import)$/.test(parent.type)) {
    const alias = parent.field("alias");
    return alias === null || isSame(alias, at) ? "import" : undefined;
  }
  const rule = fields[parent.type];
  if (rule === undefined || !isSame(parent.field(rule[0]), at)) return undefined;
  const [, kind] = rule;
  if (parent.type === "for_in_statement" && parent.field("kind") === null) return undefined;
  const isProperty = parent.children.some(
    ({ type }) => type === "accessibility_modifier" || type === "readonly",
  );
  return isProperty ? "other" : kind;
}

function isSame(a: SyntaxNode | null, b: SyntaxNode): boolean {
  return a !== null && a.from === b.from && a.to === b.to && a.type === b.type;
}

const blocks = new Set([
  "statement_block",
  "for_statement",
  "for_in_statement",
  "catch_clause",
  "switch_body",
]);

function scopeOf(node: SyntaxNode, kind: BindingKind, root: SyntaxNode): SyntaxNode {
  if (kind === "parameter") {
    return ancestor(node, (at) => isFunction(at) || /_type$|_signature$/.test(at.type)) ?? root;
  }
  if (kind === "variable") {
    const isVar = ancestor(node, ({ type }) => /_declaration$/.test(type))?.type;
    const around =
      isVar === "variable_declaration"
        ? ancestor(node, isFunction)
        : ancestor(node, (at) => blocks.has(at.type) || isFunction(at));
    return around ?? root;
  }
  const definition = node.parent!;
  if (/^(?:function_expression|class|type_parameter|mapped_type_clause)$/.test(definition.type)) {
    return definition.type === "type_parameter" ? (definition.parent?.parent ?? root) : definition;
  }
  return ancestor(definition, (at) => blocks.has(at.type) || isFunction(at)) ?? root;
}
