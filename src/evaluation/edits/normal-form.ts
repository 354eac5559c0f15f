// A syntax tree without what a formatter may change: white space, quotes, trailing commas, redundant
// parentheses and braces, semicolons, comments. Two texts of one normal form are the same program.

import type { SyntaxNode } from "../../syntax/node.ts";
import { stringParts } from "./string-parts.ts";

export interface FormOptions {
  /** What stands in a node's place, none to leave it out; undefined for the node as it is. */
  readonly adjust?: ((node: SyntaxNode) => readonly SyntaxNode[] | undefined) | undefined;
  /** What is made of a docstring's words. */
  readonly docstring?: ((text: string) => string) | undefined;
}

/**
 * Signs, words, and where nodes begin and end, in their order. Names begin with `namePrefix`; those of
 * members and keywords, which are another's, with `memberPrefix`.
 */
export type Form = readonly string[];

export const namePrefix = "name ";
export const memberPrefix = "member ";

export function normalForm(root: SyntaxNode, options: FormOptions = {}): Form {
  const form: string[] = [];
  write(root, options, form);
  return form;
}

export function sameForm(a: Form, b: Form): boolean {
  return a.length === b.length && a.every((token, at) => token === b[at]);
}

/** What ends a node, in a token that no text is. */
const end = " end";

function write(node: SyntaxNode, options: FormOptions, form: string[]): void {
  if (isName(node)) form.push(`${isMember(node) ? memberPrefix : namePrefix}${node.text}`);
  else if (node.children.length === 0) form.push(node.text);
  else {
    const type = asTuple.has(node.type) ? "tuple" : node.type;
    form.push(` ${type}`);
    for (const part of stringParts(node, options.docstring) ?? partsOf(node, options)) {
      if (typeof part === "string") form.push(`"${part}`);
      else if (isBareParameter(part)) {
        form.push(" formal_parameters", "(", `${namePrefix}${part.text}`, ")", end);
      } else write(part, options, form);
    }
    form.push(end);
  }
}

export function isName({ type, children }: SyntaxNode): boolean {
  return children.length === 0 && type.includes("identifier");
}

function isMember({ type, from, parent }: SyntaxNode): boolean {
  if (type === "property_identifier") return true;
  if (parent?.type === "attribute") return parent.field("attribute")?.from === from;
  return parent?.type === "keyword_argument" && parent.field("name")?.from === from;
}

/** Python's lists of things with parentheses and without. */
const asTuple = new Set(["tuple", "expression_list", "pattern_list", "tuple_pattern"]);

/** The parameter of `x => ...`. */
function isBareParameter(node: SyntaxNode): boolean {
  return node.parent?.type === "arrow_function" && node.parent.field("parameter") === node;
}

/** A node's children, and text that the grammar has no node for, without what is formatting. */
function partsOf(node: SyntaxNode, options: FormOptions): (SyntaxNode | string)[] {
  const parts: (SyntaxNode | string)[] = [];
  const unnamed = (from: number, to: number) => {
    const text = node.text.slice(from - node.from, to - node.from).trim();
    if (text !== "") parts.push(text);
  };
  let at = node.from;
  for (const child of node.children) {
    unnamed(at, child.from);
    parts.push(...expanded(child, options).filter((one) => !isFormatting(one, node)));
    at = child.to;
  }
  unnamed(at, node.to);
  return withoutLastComma(parts, node);
}

/** What stands for a node: what `adjust` says, and what is in parentheses or braces for it. */
function expanded(node: SyntaxNode, options: FormOptions): readonly SyntaxNode[] {
  const others = options.adjust?.(node) ?? unwrapped(node);
  if (others === undefined) return [node];
  return others.flatMap((other) => (other === node ? [node] : expanded(other, options)));
}

function unwrapped(node: SyntaxNode): readonly SyntaxNode[] | undefined {
  if (/^parenthesized_/.test(node.type)) return node.children.slice(1, -1);
  // TypeScript's parameters are wrapped, those of JavaScript are not.
  if (node.type === "required_parameter") return node.children;
  if (node.type !== "statement_block" || !takesStatement.has(node.parent?.type ?? "")) {
    return undefined;
  }
  const statements = node.named.filter(({ type }) => type !== "comment");
  const isAlone = statements.length === 1 && !/declaration/.test(statements[0]!.type);
  return isAlone ? statements : undefined;
}

/** What has a statement or a block. */
const takesStatement = new Set([
  "if_statement",
  "else_clause",
  "for_statement",
  "for_in_statement",
  "while_statement",
  "do_statement",
]);

/** Where commas and semicolons part members alike. */
const memberLists = new Set(["interface_body", "object_type"]);

function isFormatting({ type }: SyntaxNode, parent: SyntaxNode): boolean {
  if (/comment$|^line_continuation$|^empty_statement$/.test(type)) return true;
  if (type === ";") return parent.type !== "for_statement";
  if (type === ",") return memberLists.has(parent.type);
  return (type === "(" || type === ")") && isOpenList(parent);
}

/** What may have parentheses round it all or not. */
function isOpenList({ type }: SyntaxNode): boolean {
  return asTuple.has(type) || type === "import_from_statement";
}

function withoutLastComma(parts: (SyntaxNode | string)[], node: SyntaxNode) {
  // `x[1,]` is not `x[1]`.
  if (node.type === "subscript") return parts;
  const typeAt = (at: number) => {
    const part = parts.at(at);
    return typeof part === "object" ? part.type : undefined;
  };
  if (isOpenList(node) && typeAt(-1) === ",") return parts.slice(0, -1);
  if (!/^[)\]}>]$/.test(typeAt(-1) ?? "") || typeAt(-2) !== ",") return parts;
  return [...parts.slice(0, -2), parts.at(-1)!];
}
