// A Python function loses a `try`: what it holds moves out to the margin of the statement, and its one
// short handler is put in words.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { hasLongText, movedLines, rewritten, wholeLines } from "../../rewrite.ts";
import { errorsInWords, inWordsShare, pythonAction, pythonError } from "../in-words.ts";
import { beginsAlone } from "./places.ts";
import { functionOf, ownNodes, statementsOf } from "./structure.ts";

const quotedMax = 70;

export const loseHandling: Lose = (unit, random) => {
  const definition = functionOf(unit);
  if (definition === undefined) return undefined;
  const tries = [...ownNodes(definition)].filter(({ type }) => type === "try_statement");
  const statement = tries[random.below(tries.length)];
  const body = statement?.field("body");
  if (!statement || !body || hasLongText(body)) return undefined;
  const handler = handlerOf(statement);
  const around = handler && aroundOf(statement, body, definition);
  const lines = wholeLines(unit.text, statement);
  const inner = wholeLines(unit.text, body);
  if (handler === undefined || around === undefined || !lines || !inner) return undefined;
  const margin = /^[ \t]*/.exec(unit.text.slice(lines.from))![0];
  const moved = movedLines(unit.text.slice(inner.from, inner.to), margin);
  const end = unit.text.slice(lines.from, lines.to).endsWith("\n") ? "\n" : "";
  const text = moved.replace(/\n*$/, end);
  const before = rewritten(unit.text, [{ ...lines, text }]);
  const error = random.next() < inWordsShare && pythonError(handler.exception, random);
  if (!error) return { before, facts: handler, words: { around } };
  const action = pythonAction(handler.action, random);
  const within = around.replace(" around ", " in ");
  const words = { error, within, action };
  return { before, facts: handler, words, phrasings: errorsInWords };
};

/** What is caught and what is done; undefined where that is too much to be said. */
function handlerOf(statement: SyntaxNode): { exception: string; action: string } | undefined {
  const clauses = statement.named.slice(1);
  const [clause] = clauses;
  if (clauses.length !== 1 || clause!.type !== "except_clause") return undefined;
  if (/#/.test(clause!.text)) return undefined;
  const [block, ...heads] = [...clause!.named].reverse();
  const [done, ...more] = block?.named ?? [];
  if (block?.type !== "block" || done === undefined || more.length > 0) return undefined;
  const exception = heads
    .map(({ text }) => text)
    .reverse()
    .join(" ");
  const action = actionOf(done);
  if (exception === "" || exception.length > quotedMax || exception.includes("\n"))
    return undefined;
  return action === undefined ? undefined : { exception, action };
}

/** What a handler's only statement does, in words. */
function actionOf(statement: SyntaxNode): string | undefined {
  const { type, text } = statement;
  if (text.includes("\n") || text.length > quotedMax) return undefined;
  if (type === "pass_statement") return "ignore it";
  if (type === "continue_statement") return "continue with the next one";
  if (type === "break_statement") return "leave the loop";
  if (type === "return_statement") return text === "return" ? "just return" : text;
  const assigned = statement.named[0]?.type === "assignment" ? statement.named[0] : undefined;
  const [left, right] = [assigned?.field("left"), assigned?.field("right")];
  if (left && right) return `set ${left.text} to ${right.text}`;
  if (type === "raise_statement") return text === "raise" ? undefined : `\`${text}\``;
  return type === "expression_statement" ? `\`${text}\`` : undefined;
}

/** What the `try` stands around, where that is not the whole function. */
function aroundOf(
  statement: SyntaxNode,
  body: SyntaxNode,
  definition: SyntaxNode,
): string | undefined {
  const statements = statementsOf(definition);
  const isString = (one: SyntaxNode | undefined) => one?.named[0]?.type === "string";
  const own = isString(statements[0]) ? statements.slice(1) : statements;
  if (own.length === 1 && own[0] === statement) return "";
  const inside = body.named.filter(({ type }) => type !== "comment");
  if (inside.length !== 1) return undefined;
  const [line = ""] = inside[0]!.text.split("\n");
  if (line.length > quotedMax || /[([{,\\]$/.test(line)) return undefined;
  return beginsAlone(inside[0]!, definition) ? ` around \`${line}\`` : undefined;
}
