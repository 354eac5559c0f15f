// Array methods of TypeScript and JavaScript that people wrote, written out as loops, where both surely do
// the same.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { EditUnit } from "../../kind.ts";
import { indentAt, rewritten, wholeLines } from "../../rewrite.ts";
import { wordsOf } from "./bindings.ts";
import { ofType, styleOf } from "./nodes.ts";
import { negated } from "./statements.ts";

/** A call of an array method with an arrow function of one parameter and an expression. */
interface Call {
  readonly method: string;
  readonly array: string;
  readonly item: string;
  readonly body: SyntaxNode;
}

const methods = new Set(["map", "filter", "some", "every", "find", "flatMap"]);

/** Every loop of the languages. */
export const loops = ["for_in_statement", "for_statement", "while_statement", "do_statement"];

/** A text in which one thing is written otherwise, with the words to ask for it. */
export interface Rewriting {
  readonly text: string;
  readonly words: Readonly<Record<string, string>>;
}

/** The unit with an array method written out as a loop; undefined where it has none. */
export function methodAsLoop({ root, text }: EditUnit): Rewriting | undefined {
  const found = ofType(root, "lexical_declaration", "return_statement").flatMap((statement) => {
    const lines = statement.parent?.type === "statement_block" && wholeLines(text, statement);
    const call = lines ? callOf(valueIn(statement)) : undefined;
    const loop = call && asLoop(text, statement, call);
    return lines && loop ? [{ statement, call, lines, loop }] : [];
  });
  const [only, ...others] = found;
  // With another loop or call beside it an instruction would have to say which is meant.
  if (only === undefined || others.length > 0 || ofType(root, ...loops).length > 0)
    return undefined;
  const { statement, call, lines, loop } = only;
  if (text.split(`.${call.method}(`).length !== 2) return undefined;
  const indent = indentAt(text, statement.from);
  const written = loop.map((line) => `${indent}${line}\n`).join("");
  const { method, array, item } = call;
  return { text: rewritten(text, [{ ...lines, text: written }]), words: { method, array, item } };
}

/** The one value that a statement declares or returns. */
function valueIn(statement: SyntaxNode): SyntaxNode | undefined {
  if (statement.named.length !== 1) return undefined;
  const [only] = statement.named;
  if (statement.type === "return_statement") return only;
  return only?.field("name")?.type === "identifier"
    ? (only.field("value") ?? undefined)
    : undefined;
}

function callOf(value: SyntaxNode | undefined): Call | undefined {
  const called = value?.type === "call_expression" ? value.field("function") : null;
  if (value === undefined || called?.type !== "member_expression") return undefined;
  const [method, array] = [called.field("property")?.text, called.field("object")];
  const given = value.field("arguments")?.named ?? [];
  const [arrow] = given;
  if (method === undefined || !methods.has(method) || array === null) return undefined;
  if (given.length !== 1 || arrow?.type !== "arrow_function" || value.text.includes("?.")) return;
  const item = itemOf(arrow);
  const body = arrow.field("body");
  if (item === undefined || body === null || body.type === "statement_block") return undefined;
  if (!/^(?:identifier|member_expression|call_expression)$/.test(array.type)) return undefined;
  if (/[\n]/.test(array.text) || body.text.includes("\n") || /\bawait\b/.test(value.text)) return;
  // Not every "map" is an array's.
  if (/^(?:Effect|Option|Stream|O|E|S|pipe|z|R|Rx|Chunk|Layer|this)$/.test(array.text))
    return undefined;
  // The loop's name would hide what it goes over; a guard of types has no loop that is like it.
  if (arrow.field("return_type") !== null || sharesWord(item, array.text)) return undefined;
  const isObject = body.type === "parenthesized_expression" && body.named[0]?.type === "object";
  return { method, array: array.text, item, body: isObject ? body.named[0]! : body };
}

function sharesWord(a: string, b: string): boolean {
  const words = wordsOf(b);
  return [...wordsOf(a)].some((word) => words.has(word));
}

/** The only parameter, as a loop's head can have it. */
function itemOf(arrow: SyntaxNode): string | undefined {
  const single = arrow.field("parameter");
  if (single !== null) return single.text;
  const parameters = arrow.field("parameters")?.named ?? [];
  const pattern = parameters[0]?.field("pattern") ?? parameters[0];
  if (parameters.length !== 1 || pattern === undefined) return undefined;
  return /^(?:identifier|object_pattern|array_pattern)$/.test(pattern.type) &&
    !/[\n=]/.test(pattern.text)
    ? pattern.text
    : undefined;
}

function asLoop(text: string, statement: SyntaxNode, call: Call): string[] | undefined {
  const { step, end } = styleOf(text);
  const { method, array, item, body } = call;
  const head = `for (const ${item} of ${array}) {`;
  const isReturn = statement.type === "return_statement";
  const asked = body.text;
  if (/^(?:some|every|find)$/.test(method)) {
    if (!isReturn) return undefined;
    const found = { some: "true", every: "false", find: item }[method]!;
    const other = { some: "false", every: "true", find: "undefined" }[method]!;
    const condition = method === "every" ? negated(body) : asked;
    if (!/^[\w$]+$/.test(item) && method === "find") return undefined;
    const inner = [`${step}if (${condition}) {`, `${step}${step}return ${found}${end}`, `${step}}`];
    return [head, ...inner, "}", `return ${other}${end}`];
  }
  const name = isReturn ? freshName(text) : statement.named[0]!.field("name")!.text;
  const type = isReturn ? "" : (statement.named[0]!.field("type")?.text ?? "");
  if (name === undefined || new RegExp(`\\b${name}\\b`).test(`${item} ${asked} ${array}`)) return;
  if (method === "filter" && !/^[\w$]+$/.test(item)) return undefined;
  const inner =
    method === "filter"
      ? [`${step}if (${asked}) {`, `${step}${step}${name}.push(${item})${end}`, `${step}}`]
      : [`${step}${name}.push(${method === "flatMap" ? "..." : ""}${asked})${end}`];
  const kind = statement.field("kind")?.text ?? "const";
  const start = `${kind} ${name}${type} = []${end}`;
  return [start, head, ...inner, "}", ...(isReturn ? [`return ${name}${end}`] : [])];
}

function freshName(text: string): string | undefined {
  const taken = wordsOf(text);
  return ["result", "results", "items", "output", "list"].find((name) => !taken.has(name));
}
