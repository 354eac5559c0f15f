// The names of a Python function that can be renamed by its text alone: bound in it and nowhere within
// it again, so that every use is told from attributes, keyword arguments and other variables.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import { docstringOf } from "./structure.ts";

export interface LocalName {
  readonly name: string;
  readonly what: "variable" | "parameter";
  /** Its binding and every use, in order. */
  readonly uses: readonly SyntaxNode[];
}

/** With one of these a name is used that the text does not show. */
const dynamic = new Set(["locals", "globals", "vars", "eval", "exec"]);

/** Parameters and variables of the function that can be renamed, in the order of their first use. */
export function localNames(definition: SyntaxNode): LocalName[] {
  const uses = usesOf(definition);
  if ([...dynamic].some((name) => uses.has(name))) return [];
  const scope = new Scope();
  const parameters = definition.field("parameters");
  for (const name of parameterNames(parameters)) scope.parameters.add(name.text);
  bindings(definition.field("body")!, scope);
  const outer = outerNames(definition);
  const spoken = wordsSpoken(definition);
  const found: LocalName[] = [];
  for (const [name, nodes] of uses) {
    const isParameter = scope.parameters.has(name);
    if (!isParameter && !scope.variables.has(name)) continue;
    if (scope.others.has(name) || outer.has(name) || spoken.has(name)) continue;
    if (/^(?:self|cls|args|kwargs|_|__.*)$/.test(name)) continue;
    found.push({ name, what: isParameter ? "parameter" : "variable", uses: nodes });
  }
  return found;
}

/** Every word of the text: what a new name must not be. */
export function wordsOf(text: string): Set<string> {
  return new Set(text.match(/[A-Za-z_]\w*/g) ?? []);
}

class Scope {
  readonly parameters = new Set<string>();
  readonly variables = new Set<string>();
  /** Bound in another scope, or in a way that is not followed. */
  readonly others = new Set<string>();
}

/** Identifiers that are names, not attributes or keywords of a call, by their text. */
export function usesOf(node: SyntaxNode): Map<string, SyntaxNode[]> {
  const uses = new Map<string, SyntaxNode[]>();
  for (const one of descendants(node)) {
    if (one.type !== "identifier" || !isUse(one)) continue;
    const before = uses.get(one.text);
    if (before === undefined) uses.set(one.text, [one]);
    else before.push(one);
  }
  return uses;
}

function isUse(node: SyntaxNode): boolean {
  const { parent } = node;
  if (parent?.type === "attribute") return parent.field("attribute") !== node;
  return parent?.type !== "keyword_argument" || parent.field("name") !== node;
}

/** The identifier of each parameter. */
export function parameterNames(parameters: SyntaxNode | null): SyntaxNode[] {
  return (parameters?.named ?? []).flatMap((parameter) => {
    const name = parameterName(parameter);
    return name === undefined ? [] : [name];
  });
}

export function parameterName(parameter: SyntaxNode): SyntaxNode | undefined {
  if (parameter.type === "identifier") return parameter;
  const named = parameter.field("name") ?? parameter.named[0];
  if (named === undefined || named.type === "identifier") return named;
  return named.named[0]?.type === "identifier" ? named.named[0] : undefined;
}

/** What the statements below bind, in this scope and in those within. */
function bindings(node: SyntaxNode, scope: Scope): void {
  for (const child of node.named) {
    const target = targetOf(child);
    for (const name of target === null ? [] : identifiers(target)) scope.variables.add(name);
    if (child.type === "for_in_clause") {
      for (const name of identifiers(child.field("left")!)) scope.others.add(name);
    }
    if (elsewhere.has(child.type)) for (const name of identifiers(child)) scope.others.add(name);
    if (inner.has(child.type)) innerBindings(child, scope);
    else bindings(child, scope);
  }
}

/** Every name below at a place where it is bound, in whatever scope. */
export function bindingNodes(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (const one of descendants(node)) {
    const target = one.type === "for_in_clause" ? one.field("left") : targetOf(one);
    if (target !== null) found.push(...identifierNodes(target));
    if (elsewhere.has(one.type)) found.push(...identifierNodes(one));
    const name = inner.has(one.type) ? one.field("name") : null;
    if (name !== null) found.push(name);
    if (inner.has(one.type)) found.push(...parameterNames(one.field("parameters")));
  }
  return found;
}

/** What a node binds in its own scope. */
function targetOf(node: SyntaxNode): SyntaxNode | null {
  switch (node.type) {
    case "assignment":
    case "augmented_assignment":
    case "for_statement":
      return node.field("left");
    case "named_expression":
      return node.field("name");
    case "as_pattern_target":
      return node;
    default:
      return null;
  }
}

const inner = new Set(["function_definition", "class_definition", "lambda"]);

/** Names in these are bound in a way that is not followed. */
const elsewhere = new Set([
  "global_statement",
  "nonlocal_statement",
  "import_statement",
  "import_from_statement",
  "case_clause",
  "type_alias_statement",
]);

/** A name that is bound in a function within is another one there. */
function innerBindings(node: SyntaxNode, scope: Scope): void {
  const within = new Scope();
  const name = node.field("name");
  if (name !== null) scope.others.add(name.text);
  for (const parameter of parameterNames(node.field("parameters"))) {
    within.variables.add(parameter.text);
  }
  const body = node.field("body");
  if (body !== null) bindings(node, within);
  for (const bound of [...within.variables, ...within.others]) scope.others.add(bound);
}

/** Of a target: `a, *b` but not `a.b` or `a[b]`, which bind nothing. */
export function identifierNodes(node: SyntaxNode): SyntaxNode[] {
  if (node.type === "identifier") return [node];
  if (node.type === "attribute" || node.type === "subscript") return [];
  return node.named.flatMap(identifierNodes);
}

function identifiers(node: SyntaxNode): string[] {
  return identifierNodes(node).map(({ text }) => text);
}

/** Names in defaults and hints, which are those of the scope around; and the function's own. */
function outerNames(definition: SyntaxNode): Set<string> {
  const names = new Set([definition.field("name")?.text ?? ""]);
  const parameters = definition.field("parameters")?.named ?? [];
  const parts = parameters.flatMap((one) => [one.field("value"), one.field("type")]);
  for (const part of [...parts, definition.field("return_type")]) {
    if (part !== null) for (const name of usesOf(part).keys()) names.add(name);
  }
  return names;
}

/** Words of comments and of the docstring: whether these are renamed too is a matter of taste. */
function wordsSpoken(definition: SyntaxNode): Set<string> {
  const words = new Set<string>();
  const docstring = docstringOf(definition)?.text ?? "";
  for (const word of wordsOf(docstring)) words.add(word);
  for (const node of descendants(definition)) {
    if (node.type === "comment") for (const word of wordsOf(node.text)) words.add(word);
  }
  return words;
}
