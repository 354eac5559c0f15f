// Takes away a try with its catch from TypeScript or JavaScript and leaves what was tried: the instruction
// says what is to be done where it fails.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { hasLongText, indentAt, rewritten, wholeLines } from "../../rewrite.ts";
import { blockOf, functionOf, ofType, statementsOf, styleOf } from "./nodes.ts";
import { innerLines, outdented } from "./statements.ts";

export function loseErrorHandling(unit: EditUnit, random: Random): Loss | undefined {
  return lost(unit, random) ?? added(unit, random);
}

function lost({ root, text }: EditUnit, random: Random): Loss | undefined {
  const own = functionOf(root);
  const tried = ofType(root, "try_statement").filter(
    (node) => node.parent?.type === "statement_block" && node.field("finalizer") === null,
  );
  // One try and no more: which one is meant would have to be said.
  const [attempt] = tried;
  if (own === undefined || attempt === undefined || tried.length > 1) return undefined;
  const body = attempt.field("body")!;
  const does = doesOf(attempt.field("handler"));
  const lines = wholeLines(text, attempt);
  const inner = outdented(text, body);
  if (does === undefined || lines === undefined || inner === undefined) return undefined;
  const before = rewritten(text, [{ ...lines, text: inner }]);
  const call = callIn(body, root);
  const isWhole = statementsOf(own.field("body")!).length === 1;
  if (isWhole && (call === undefined || random.next() < 0.5)) {
    return { before, facts: { does }, phrasings: ofAll };
  }
  // What is to be tried must be said.
  if (call === undefined) return undefined;
  return { before, facts: { does }, words: { call }, phrasings: ofCall };
}

/** Where nobody handled errors: the whole body is tried, and what is done is said to the letter. */
function added({ root, text }: EditUnit, random: Random): Loss | undefined {
  const own = functionOf(root);
  const block = own === undefined ? undefined : blockOf(own);
  const lines = block === undefined ? undefined : innerLines(text, block);
  if (own === undefined || block === undefined || lines === undefined) return undefined;
  const fails = ofType(block, "call_expression", "await_expression", "new_expression").length > 0;
  if (!fails || random.next() < 0.5 || lines.length > addedLinesMax) return undefined;
  if (/\b(?:try|catch|super)\b|\berror\b/.test(text) || hasLongText(block)) return undefined;
  const { step, end } = styleOf(text);
  const indent = indentAt(text, block.from);
  const returns = ofType(block, "return_statement").some(({ named }) => named.length > 0);
  const [does, handler] = handlers(returns, end)[random.below(handlers(returns, end).length)]!;
  const tried = [
    `${indent}${step}try {`,
    ...lines.map((line) => (line.trim() === "" ? line : step + line)),
    `${indent}${step}} catch (error) {`,
    ...handler.map((line) => `${indent}${step}${step}${line}`),
    `${indent}${step}}`,
  ];
  const from = block.from + 1;
  const written = `\n${tried.join("\n")}\n${indent}`;
  const after = rewritten(text, [{ from, to: block.to - 1, text: written }]);
  return { before: text, after, facts: { does }, words: { does }, phrasings: ofAll };
}

const addedLinesMax = 12;

/** What can be done, in words and in lines. */
function handlers(returns: boolean, end: string): [does: string, lines: string[]][] {
  const logged = `console.error(error)${end}`;
  const always: [string, string[]][] = [
    ["log it with console.error and throw it again", [logged, `throw error${end}`]],
  ];
  if (!returns) return [...always, ["log it with console.error", [logged]]];
  const values = ["null", "false"];
  const given = values.map((value): [string, string[]] => [
    `return ${value}`,
    [`return ${value}${end}`],
  ]);
  const both: [string, string[]] = [
    "log it with console.error and return null",
    [logged, `return null${end}`],
  ];
  return [...always, ...given, both];
}

/** What the catch does, as a person would ask for it; undefined where it is much. */
function doesOf(handler: SyntaxNode | null): string | undefined {
  const block = handler?.field("body");
  if (block == null) return undefined;
  const error = handler?.field("parameter")?.text;
  const parts = statementsOf(block).map((statement) => doing(statement, error));
  if (parts.length === 0) return "ignore the error";
  if (parts.length > 2 || parts.includes(undefined)) return undefined;
  return parts.join(" and ");
}

function doing(statement: SyntaxNode, error: string | undefined): string | undefined {
  const value = statement.named.find(({ type }) => type !== "comment");
  if (statement.text.length > 100 || statement.text.includes("\n")) return undefined;
  if (statement.type === "return_statement") {
    if (value === undefined) return "return";
    return value.text.length <= 30 ? `return ${value.text}` : undefined;
  }
  if (statement.type === "continue_statement") return "go on with the next one";
  if (statement.type === "throw_statement") {
    if (value?.text === error) return "throw it again";
    return value?.type === "new_expression" ? thrown(value) : undefined;
  }
  const called = statement.type === "expression_statement" ? value?.field("function") : null;
  if (called != null && /^(?:console|logger|log)\.\w+$/.test(called.text)) {
    return `log it with ${called.text}`;
  }
  return undefined;
}

function thrown(value: SyntaxNode): string | undefined {
  const error = value.field("constructor")?.text;
  const [first, ...more] = value.field("arguments")?.named ?? [];
  // What else it is given is not said.
  if (more.length > 0) return undefined;
  if (error === undefined || first === undefined) return error && `throw ${article(error)}`;
  return /string/.test(first.type) ? `throw ${article(error)} saying ${first.text}` : undefined;
}

function article(name: string): string {
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** The one call that can fail, by its name, where nobody else calls it. */
function callIn(body: SyntaxNode, root: SyntaxNode): string | undefined {
  const tried = callsIn(body);
  const [call, ...others] = new Set(tried);
  if (call === undefined || others.length > 0 || !/^[\w$.]{3,40}$/.test(call)) return undefined;
  return callsIn(root).filter((one) => one === call).length === tried.length ? call : undefined;
}

function callsIn(node: SyntaxNode): (string | undefined)[] {
  return ofType(node, "call_expression", "new_expression").map(
    (call) => (call.field("function") ?? call.field("constructor"))?.text,
  );
}

const ofCall = [
  "If {call} throws, {does}.",
  "When {call} fails, {does}.",
  "{call} can throw: {does} then.",
  "Wrap the call of {call} in a try/catch and {does} on failure.",
  "Handle errors of {call}: {does}.",
  "Catch errors from {call} and {does}.",
  "Put a try/catch around {call}; in the catch {does}.",
  "{name} should {does} when {call} throws.",
  "Make {name} {does} if {call} fails.",
  "Add error handling around {call}: {does}.",
  "Guard {call} with try/catch, {does} if it fails.",
  "Don't let {call} crash {name}: {does} instead.",
];

const ofAll = [
  "Wrap the body of {name} in a try/catch and {does}.",
  "Catch any error in {name} and {does}.",
  "If anything throws, {does}.",
  "Handle errors in {name}: {does}.",
  "Add a try/catch to {name}. On failure {does}.",
  "Add error handling: {does} if something throws.",
  "Add error handling to {name}: {does} on failure.",
  "Make {name} {does} when it fails.",
  "{name} should {does} if it fails.",
  "Put the whole body into try/catch and {does} in the catch.",
  "On any error {does}.",
  "Errors are not handled. Catch them and {does}.",
];
