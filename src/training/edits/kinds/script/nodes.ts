// What transformations of TypeScript and JavaScript ask of a tree: the function that a unit is, its
// parameters, its statements, and how the unit is written (quotes, semicolons, indentation).

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";

export function ofType(node: SyntaxNode, ...types: readonly string[]): SyntaxNode[] {
  return [...descendants(node)].filter(({ type }) => types.includes(type));
}

export function ancestor(node: SyntaxNode, isSuch: (node: SyntaxNode) => boolean) {
  let at = node.parent;
  while (at !== null && !isSuch(at)) at = at.parent;
  return at ?? undefined;
}

const functions = new Set([
  "function_declaration",
  "generator_function_declaration",
  "function_expression",
  "generator_function",
  "arrow_function",
  "method_definition",
]);

export function isFunction({ type }: SyntaxNode): boolean {
  return functions.has(type);
}

/** What stands between a unit's text and the function or class that it is. */
const wrapperFields: Readonly<Record<string, readonly string[]>> = {
  export_statement: ["declaration", "value"],
  expression_statement: [],
  assignment_expression: ["right"],
  variable_declarator: ["value"],
  public_field_definition: ["value"],
  field_definition: ["value"],
  lexical_declaration: [],
  variable_declaration: [],
};

/** The one thing that the unit defines, without what it is wrapped in; undefined where it is several. */
export function definitionOf(root: SyntaxNode): SyntaxNode | undefined {
  const own = root.named.filter(({ type }) => type !== "comment" && type !== "decorator");
  let node = own.length === 1 ? own[0] : undefined;
  while (node !== undefined && node.type in wrapperFields) node = inner(node);
  return node;
}

function inner(node: SyntaxNode): SyntaxNode | undefined {
  const fields = wrapperFields[node.type]!;
  if (fields.length === 0) return node.named.length === 1 ? node.named[0] : undefined;
  return fields.map((name) => node.field(name)).find((child) => child !== null) ?? undefined;
}

/** The function that the unit is. */
export function functionOf(root: SyntaxNode): SyntaxNode | undefined {
  const node = definitionOf(root);
  return node !== undefined && isFunction(node) ? node : undefined;
}

/** The block of a function; undefined where its body is an expression. */
export function blockOf(node: SyntaxNode): SyntaxNode | undefined {
  const body = node.field("body");
  return body?.type === "statement_block" ? body : undefined;
}

/** Statements of a block, without comments. */
export function statementsOf(block: SyntaxNode): SyntaxNode[] {
  return block.named.filter(({ type }) => type !== "comment");
}

export function parametersOf(node: SyntaxNode): readonly SyntaxNode[] {
  const single = node.field("parameter");
  if (single !== null) return [single];
  return node.field("parameters")?.named.filter(({ type }) => type !== "comment") ?? [];
}

/** The name that a parameter has by itself: none where it is taken apart, collects the rest or is a property. */
export function parameterName(parameter: SyntaxNode): SyntaxNode | undefined {
  if (parameter.type === "identifier") return parameter;
  if (parameter.type === "assignment_pattern") return identifierIn(parameter, "left");
  if (!/^(?:required|optional)_parameter$/.test(parameter.type)) return undefined;
  const isProperty = parameter.children.some(
    ({ type }) => type === "accessibility_modifier" || type === "readonly",
  );
  return isProperty ? undefined : identifierIn(parameter, "pattern");
}

function identifierIn(node: SyntaxNode, name: string): SyntaxNode | undefined {
  const found = node.field(name);
  return found?.type === "identifier" ? found : undefined;
}

/** What a parameter has behind "=". */
export function defaultOf(parameter: SyntaxNode): SyntaxNode | undefined {
  const name = parameter.type === "assignment_pattern" ? "right" : "value";
  return parameter.field(name) ?? undefined;
}

export interface Style {
  readonly quote: '"' | "'";
  /** ";" or "". */
  readonly end: string;
  /** What a block is indented by. */
  readonly step: string;
}

/** How the text is written, for what is planted in it. */
export function styleOf(text: string): Style {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const ends = count(/;[ \t]*(?:\/\/.*)?$/gm);
  // The lines of a comment begin with a space before their star.
  const steps = text.match(/^(?:\t| {2,})(?=[^\s*])/gm) ?? [];
  const step = steps.sort((a, b) => a.length - b.length)[0] ?? "  ";
  return {
    quote: count(/'/g) > count(/"/g) ? "'" : '"',
    end: ends > 0 || count(/\n/g) < 2 ? ";" : "",
    step: step.length > 4 ? "  " : step,
  };
}
