// Writes the template literals of TypeScript or JavaScript as texts and values joined by "+", so that
// template literals are what is asked for.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { ancestor, ofType, styleOf } from "./nodes.ts";

const templatesMax = 3;

export function loseTemplates({ root, text }: EditUnit): Loss | undefined {
  const templates = ofType(root, "template_string").filter((node) =>
    node.named.some(({ type }) => type === "template_substitution"),
  );
  if (templates.length === 0 || templates.length > templatesMax || joins(root)) return undefined;
  const { quote } = styleOf(text);
  const joined = templates.map((node) => ({ node, text: asSum(node, quote) }));
  const changes = joined.flatMap(({ node: { from, to }, text: sum }) =>
    sum === undefined ? [] : [{ from, to, text: sum }],
  );
  // Half of them turned would leave open which ones are meant.
  if (changes.length < templates.length) return undefined;
  return { before: rewritten(text, changes) };
}

/** Whether the unit joins texts by itself: would those be meant too? */
function joins(root: SyntaxNode): boolean {
  return ofType(root, "binary_expression").some(
    (node) =>
      node.field("operator")?.text === "+" && node.named.some(({ type }) => /string/.test(type)),
  );
}

/** Where a sum needs no brackets. */
const open = new Set([
  "arguments",
  "variable_declarator",
  "return_statement",
  "pair",
  "assignment_expression",
  "array",
  "arrow_function",
  "jsx_expression",
  "template_substitution",
  "subscript_expression",
  "expression_statement",
  "required_parameter",
]);

function asSum(node: SyntaxNode, quote: string): string | undefined {
  const { parent } = node;
  if (parent === null || !open.has(parent.type) || node.text.includes("\n")) return undefined;
  // A tag, or a template within another.
  if (parent.type === "subscript_expression" && parent.field("index")?.from !== node.from) return;
  if (ancestor(node, ({ type }) => type === "template_string") !== undefined) return undefined;
  const parts = node.named.map((part) => {
    if (part.type === "string_fragment") return textPart(part.text, quote);
    if (part.type === "template_substitution") return valuePart(part);
    return undefined;
  });
  const isText = node.named.slice(0, 2).some(({ type }) => type === "string_fragment");
  if (!isText || parts.includes(undefined)) return undefined;
  return parts.join(" + ");
}

function textPart(text: string, quote: string): string | undefined {
  if (/["'`\\\n]/.test(text)) return undefined;
  return quote + text + quote;
}

/** What binds at least as tightly as a sum's operand must. */
const tight =
  /^(?:identifier|member_expression|call_expression|subscript_expression|number|this|non_null_expression|parenthesized_expression)$/;

function valuePart(part: SyntaxNode): string | undefined {
  const [value] = part.named;
  if (value === undefined || part.named.length !== 1) return undefined;
  return tight.test(value.type) ? value.text : `(${value.text})`;
}
