// Array methods of TypeScript and JavaScript that people wrote, written out as loops, where both surely do
// the same.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { EditUnit } from "../../kind.ts";
import { indentAt, rewritten, wholeLines } from "../../rewrite.ts";
import { wordsOf } from "./bindings.ts";
import { ofType, styleOf } from "./nodes.ts";
import { negated } from "./statements.ts";

/** A call of an array method with a function of one parameter that gives an expression. */
interface Call extends Callback {
  readonly body: SyntaxNode;
}

const methods = new Set(["map", "filter", "some", "every", "find", "flatMap"]);

/** Every loop of the languages. */
export const loops = ["for_in_statement", "for_statement", "while_statement", "do_statement"];

/** A text in which one thing is written otherwise, with the words to ask for it. */
export interface Rewriting {
  readonly text: string;
  readonly words: Readonly<Record<string, string>>;
  /** Whether another array method is called too, so that the words must say which is meant. */
  readonly hasOthers?: boolean;
}

const statements = [
  "lexical_declaration",
  "variable_declaration",
  "return_statement",
  "expression_statement",
];

/** The unit with an array method written out as a loop; undefined where it has none. */
export function methodAsLoop({ root, text }: EditUnit): Rewriting | undefined {
  if (ofType(root, ...loops).length > 0) return undefined;
  const found = ofType(root, ...statements).flatMap((statement) => {
    const lines = statement.parent?.type === "statement_block" && wholeLines(text, statement);
    const call = lines ? callOf(valueIn(statement)) : undefined;
    const loop = call && asLoop(text, statement, call);
    return lines && loop ? [{ statement, call, lines, loop }] : [];
  });
  // Of several calls of a method an instruction would have to say which is meant.
  const only = found.find(({ call }) => text.split(`.${call.method}(`).length === 2);
  if (only === undefined) return undefined;
  const { statement, call, lines, loop } = only;
  const indent = indentAt(text, statement.from);
  const written = loop.map((line) => `${indent}${line}\n`).join("");
  const { method, array, item } = call;
  return {
    text: rewritten(text, [{ ...lines, text: written }]),
    words: { method, array, item },
    hasOthers: found.length > 1,
  };
}

/** The one value that a statement declares, assigns or returns. */
function valueIn(statement: SyntaxNode): SyntaxNode | undefined {
  if (statement.named.length !== 1) return undefined;
  const only = statement.named[0]!;
  if (statement.type === "return_statement") return only;
  if (only.type === "assignment_expression") return only.field("right") ?? undefined;
  return only.field("name")?.type === "identifier" ? (only.field("value") ?? undefined) : undefined;
}

function callOf(value: SyntaxNode | undefined): Call | undefined {
  const callback = callbackOf(value);
  if (callback === undefined || !methods.has(callback.method)) return undefined;
  const { given, item, array } = callback;
  const body = expressionOf(given);
  if (body === undefined || body.text.includes("\n")) return undefined;
  if (sharesWord(item, array)) return undefined;
  const isObject = body.type === "parenthesized_expression" && body.named[0]?.type === "object";
  return { ...callback, body: isObject ? body.named[0]! : body };
}

/** What a function gives that does nothing else. */
function expressionOf(given: SyntaxNode): SyntaxNode | undefined {
  const body = given.field("body") ?? undefined;
  if (body?.type !== "statement_block") return body;
  const [only, ...others] = body.named;
  const isReturn = only?.type === "return_statement" && others.length === 0;
  return isReturn && only.named.length === 1 ? only.named[0] : undefined;
}

/** A call of a method with a function of one parameter, as a loop over an array could have it. */
export interface Callback {
  readonly method: string;
  readonly array: string;
  readonly item: string;
  /** The function. */
  readonly given: SyntaxNode;
}

export function callbackOf(value: SyntaxNode | undefined): Callback | undefined {
  const called = value?.type === "call_expression" ? value.field("function") : null;
  if (value === undefined || called?.type !== "member_expression") return undefined;
  const [method, array] = [called.field("property")?.text, called.field("object")];
  const all = value.field("arguments")?.named ?? [];
  const [given] = all;
  if (method === undefined || array === null || given === undefined || all.length !== 1) return;
  if (!/^(?:arrow_function|function_expression)$/.test(given.type)) return undefined;
  if (/^async\b/.test(given.text) || /\?\.|\bawait\b/.test(value.text)) return undefined;
  // A loop has no such things of its own.
  if (given.type === "function_expression" && /\b(?:this|arguments)\b/.test(given.text)) return;
  if (given.field("return_type") !== null || given.field("name") !== null) return undefined;
  if (!/^(?:identifier|member_expression|call_expression)$/.test(array.type)) return undefined;
  // Not every "map" is an array's.
  if (/^(?:Effect|Option|Stream|O|E|S|pipe|z|R|Rx|Chunk|Layer|this|\$|_)$/.test(array.text))
    return undefined;
  const item = itemOf(given);
  if (item === undefined || array.text.includes("\n")) return undefined;
  return { method, array: array.text, item, given };
}

/** Whether the loop's name would hide what it goes over. */
export function sharesWord(a: string, b: string): boolean {
  const words = wordsOf(b);
  return [...wordsOf(a)].some((word) => words.has(word));
}

/** The only parameter, as a loop's head can have it. */
function itemOf(given: SyntaxNode): string | undefined {
  const single = given.field("parameter");
  if (single !== null) return single.text;
  const parameters = given.field("parameters")?.named ?? [];
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
  const declared = statement.named[0]!;
  const left = declared.field("name") ?? declared.field("left");
  const name = isReturn ? freshName(text) : left?.text;
  const type = isReturn ? "" : (declared.field("type")?.text ?? "");
  if (name === undefined || !/^[\w$.]+$/.test(name)) return undefined;
  const used = new RegExp(`(?<![\\w$.])${RegExp.escape(name)}(?![\\w$])`);
  if (used.test(`${item} ${asked} ${array}`)) return undefined;
  if (method === "filter" && !/^[\w$]+$/.test(item)) return undefined;
  const inner =
    method === "filter"
      ? [`${step}if (${asked}) {`, `${step}${step}${name}.push(${item})${end}`, `${step}}`]
      : [`${step}${name}.push(${method === "flatMap" ? "..." : ""}${asked})${end}`];
  const start = `${declaring(statement)}${name}${type} = []${end}`;
  return [start, head, ...inner, "}", ...(isReturn ? [`return ${name}${end}`] : [])];
}

/** "const " of a declaration; of an assignment nothing. */
function declaring(statement: SyntaxNode): string {
  if (statement.type === "expression_statement") return "";
  if (statement.type === "variable_declaration") return "var ";
  return `${statement.field("kind")?.text ?? "const"} `;
}

function freshName(text: string): string | undefined {
  const taken = wordsOf(text);
  return ["result", "results", "items", "output", "list"].find((name) => !taken.has(name));
}
