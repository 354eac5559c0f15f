// Loops that people wrote in TypeScript and JavaScript turned into calls of array methods that do the same
// with an array: forEach, or map and filter where a list is filled.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { EditUnit } from "../../kind.ts";
import { rewritten, wholeLines } from "../../rewrite.ts";
import { loops, type Rewriting } from "./array-method.ts";
import { ofType, statementsOf, styleOf } from "./nodes.ts";

interface Loop {
  readonly node: SyntaxNode;
  readonly item: SyntaxNode;
  readonly array: SyntaxNode;
  readonly body: SyntaxNode;
}

/** The unit with a loop that goes through a list as a call of forEach; undefined where it has none. */
export function loopAsForEach({ root, text }: EditUnit): Rewriting | undefined {
  const loop = loopIn(root, text);
  if (loop === undefined || !isArray(loop.array.text) || /\.forEach\(/.test(text)) return undefined;
  const { node, item, array, body } = loop;
  const { end } = styleOf(text);
  const head = `${array.text}.forEach((${item.text}) => `;
  const changed = rewritten(text, [
    { from: node.from, to: body.from, text: head },
    { from: node.to, to: node.to, text: `)${end}` },
  ]);
  return { text: changed, words: { item: item.text, array: array.text, method: "forEach" } };
}

/** The unit with a list that a loop fills made by map and filter; undefined where it has none. */
export function loopAsMethod({ root, text }: EditUnit): Rewriting | undefined {
  const loop = loopIn(root, text);
  // A method that is called elsewhere as well would not say which call is meant.
  return loop === undefined || /\.(?:map|filter)\(/.test(text) ? undefined : filling(text, loop);
}

/** The same where what is gone through is an array by its name: a set has no map. */
export function arrayLoopAsMethod({ root, text }: EditUnit): Rewriting | undefined {
  const loop = loopIn(root, text);
  return loop === undefined || !isArray(loop.array.text) ? undefined : filling(text, loop);
}

/** The only loop of the unit, so that "the loop" says which. */
function loopIn(root: SyntaxNode, text: string): Loop | undefined {
  const [node, ...others] = ofType(root, ...loops);
  if (node?.type !== "for_in_statement" || others.length > 0) return undefined;
  return wholeLines(text, node) === undefined ? undefined : loopOf(node);
}

/** A list that is made empty and filled by the loop alone, as one call or two. */
function filling(text: string, { node, item, array, body }: Loop): Rewriting | undefined {
  const siblings = node.parent!.named;
  const declaration = siblings[siblings.findIndex(({ from }) => from === node.from) - 1];
  const declarator = declaration?.type === "lexical_declaration" ? declaration.named[0] : undefined;
  const [name, value] = [declarator?.field("name")?.text, declarator?.field("value")?.text];
  if (declaration === undefined || name === undefined || value !== "[]") return undefined;
  const [only, ...others] = body.named;
  if (only === undefined || others.length > 0) return undefined;
  const asked = only.type === "if_statement" ? only : undefined;
  const pushed = pushedOnto(name, asked === undefined ? only : inner(asked));
  const condition = asked?.field("condition")?.text.slice(1, -1);
  if (pushed === undefined || `${pushed}${condition ?? ""}`.includes("\n")) return undefined;
  if (new RegExp(`\\b${name}\\b`).test(`${pushed} ${condition ?? ""} ${array.text}`))
    return undefined;
  const result = pushed.startsWith("{") ? `(${pushed})` : pushed;
  const filter = condition === undefined ? "" : `.filter((${item.text}) => ${condition})`;
  const map = pushed === item.text ? "" : `.map((${item.text}) => ${result})`;
  if (filter + map === "" || wholeLines(text, declaration) === undefined) return undefined;
  const { end } = styleOf(text);
  const type = declarator!.field("type")?.text ?? "";
  const kind = declaration.field("kind")!.text;
  const line = `${kind} ${name}${type} = ${array.text}${filter}${map}${end}`;
  const changed = rewritten(text, [{ from: declaration.from, to: node.to, text: line }]);
  const method = [filter && "filter", map && "map"].filter((one) => one !== "").join(" and ");
  return { text: changed, words: { item: item.text, array: array.text, method } };
}

/** The one statement that an "if" without "else" holds. */
function inner(asked: SyntaxNode): SyntaxNode | undefined {
  const block = asked.field("consequence");
  if (block === null || asked.field("alternative") !== null) return undefined;
  if (block.type !== "statement_block") return block;
  return block.named.length === 1 ? block.named[0] : undefined;
}

function pushedOnto(name: string, statement: SyntaxNode | undefined): string | undefined {
  const call = statement?.type === "expression_statement" ? statement.named[0] : undefined;
  const given = call?.type === "call_expression" ? call.field("arguments")?.named : undefined;
  if (call?.field("function")?.text !== `${name}.push` || given?.length !== 1) return undefined;
  return given[0]!.type === "spread_element" ? undefined : given[0]!.text;
}

/** A "for ... of" that goes through to its end, waits for nothing and gives nothing back. */
function loopOf(node: SyntaxNode): Loop | undefined {
  const [item, array, body] = [node.field("left"), node.field("right"), node.field("body")];
  if (node.field("operator")?.text !== "of" || node.field("kind")?.text !== "const") return;
  if (item === null || array === null || body?.type !== "statement_block") return undefined;
  if (node.children.some(({ type }) => type === "await")) return undefined;
  if (!/^(?:identifier|member_expression)$/.test(array.type) || node.parent === null) return;
  if (!/^(?:identifier|object_pattern|array_pattern)$/.test(item.type)) return undefined;
  const leaves = [
    "break_statement",
    "continue_statement",
    "return_statement",
    "await_expression",
    "yield_expression",
  ];
  if (ofType(body, ...leaves).length > 0 || statementsOf(body).length === 0) return undefined;
  return isIterator(array.text) ? undefined : { node, item, array, body };
}

/** forEach of a map gives other arguments, an iterator has no such methods. */
export function isIterator(array: string): boolean {
  return /(?:map|set|entries|values|keys)$/i.test(array);
}

/** Named as lists are. */
function isArray(array: string): boolean {
  return /(?:s|list|array)$/i.test(array);
}
