// A Python function loses one call of a logger, which is a statement of its own and not the only one of
// its block.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { rewritten, wholeLines, withBlankLines } from "../../rewrite.ts";
import { placeOf } from "./places.ts";
import { docstringOf, functionOf, ownNodes } from "./structure.ts";

const logger = /^(?:self\.)?_?(?:logger|logging|log|LOG|LOGGER)$/;
const levels = /^(?:debug|info|warning|warn|error|exception|critical)$/;

const callMax = 100;

export const loseLogging: Lose = (unit, random) => {
  const definition = functionOf(unit);
  if (definition === undefined) return undefined;
  const calls = [...ownNodes(definition)].filter(isLogging);
  const statement = calls[random.below(calls.length)];
  if (statement === undefined || statement.text.includes("`")) return undefined;
  const docstring = docstringOf(definition);
  const others = statement.parent!.named.filter(
    (one) => one !== docstring && one.type !== "comment",
  );
  const where = placeOf(statement, definition);
  const lines = wholeLines(unit.text, statement);
  if (others.length < 2 || where === undefined || lines === undefined) return undefined;
  const called = statement.named[0]!;
  const method = called.field("function")!;
  const level = method.field("attribute")!.text;
  const message = called.field("arguments")!.text.slice(1, -1);
  const facts = { call: statement.text, level, where };
  const removed = others[0] === statement ? withBlankLines(unit.text, lines) : lines;
  const before = rewritten(unit.text, [{ ...removed, text: "" }]);
  const aLevel = `${/^[aeiou]/.test(level) ? "an" : "a"} ${level}`;
  const object = RegExp.escape(method.field("object")!.text);
  const isShown = new RegExp(`(?<![\\w.])${object}\\.`).test(before);
  const phrasings = isShown ? undefined : tellingPhrasings;
  return { before, facts, words: { message, aLevel, method: method.text }, phrasings };
};

/** Where nothing else of the unit says what the logger is called. */
const tellingPhrasings = [
  "Log {where}: `{call}`.",
  "Add logging {where}: `{call}`.",
  "Add `{call}` {where}.",
  "Call `{call}` {where}.",
  "Call {method} {where} with {message}.",
  "Log {message} with {method} {where}.",
  "Use {method} to log {message} {where}.",
  "Add a log line {where} by {method}: {message}.",
  "In {name}, log {message} {where} with {method}.",
  "{name} should log {message} {where}, with {method}.",
  "Log {where} with {method}: {message}.",
  "{method} should be called with {message} {where}.",
];

function isLogging(statement: SyntaxNode): boolean {
  const called = statement.type === "expression_statement" ? statement.named[0] : undefined;
  const method = called?.type === "call" ? called.field("function") : null;
  if (method?.type !== "attribute") return false;
  const { text } = statement;
  const isShort = text.length <= callMax && !text.includes("\n");
  const object = method.field("object")!.text;
  return isShort && logger.test(object) && levels.test(method.field("attribute")!.text);
}
