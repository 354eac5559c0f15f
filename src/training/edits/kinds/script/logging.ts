// Takes away a line that logs from TypeScript or JavaScript: the instruction says what is to be logged,
// with what, and where.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten, wholeLines } from "../../rewrite.ts";
import { isFunction, ofType, statementsOf } from "./nodes.ts";

const logger =
  /^(?:console|log|logger|(?:this\.)?#?_?log(?:ger)?|debug)\.(?:log|info|warn|error|debug|trace|fatal|verbose)$/;

export function loseLogging({ root, text }: EditUnit, random: Random): Loss | undefined {
  const found = ofType(root, "expression_statement").flatMap((statement) => {
    const call = callOf(statement);
    const where = call === undefined ? undefined : placeOf(statement);
    const lines = wholeLines(text, statement);
    if (call === undefined || where === undefined || lines === undefined) return [];
    return [{ ...call, where, lines, alone: isAlone(statement) }];
  });
  const lone = found.filter(({ alone }) => !alone);
  if (lone.length === 0) return undefined;
  const { logs, message, where, lines } = lone[random.below(lone.length)]!;
  const before = rewritten(text, [{ ...lines, text: "" }]);
  return { before, facts: { logger: logs, message }, words: { logs, message, where }, phrasings };
}

/** What is called and what is said: a text, and perhaps values behind it. */
function callOf(statement: SyntaxNode): { logs: string; message: string } | undefined {
  const call = statement.named[0];
  const logs = call?.type === "call_expression" ? call.field("function")?.text : undefined;
  const said = call?.field("arguments")?.named ?? [];
  const [message] = said;
  if (logs === undefined || !logger.test(logs) || message === undefined || said.length > 3) return;
  const whole = said.map(({ text }) => text).join(", ");
  if (!/string/.test(message.type) || whole.length > 80 || whole.includes("\n")) return undefined;
  return { logs, message: whole };
}

/** Where it is logged, as a person would say it. */
function placeOf(statement: SyntaxNode): string | undefined {
  const block = statement.parent;
  const owner = block?.type === "statement_block" ? block.parent : null;
  if (block === null || owner === null) return undefined;
  const statements = statementsOf(block);
  const isFirst = statements[0]?.from === statement.from;
  if (isFunction(owner) && isFirst) return "at the start";
  if (isFunction(owner) && statements.at(-1)?.from === statement.from) return "at the end";
  if (!isFirst) return undefined;
  if (owner.type === "catch_clause") return "when it fails";
  const condition = owner.type === "if_statement" ? owner.field("condition") : null;
  if (condition === null || owner.field("consequence")?.from !== block.from) return undefined;
  const asked = condition.text.slice(1, -1);
  return asked.length <= 50 && !asked.includes("\n") ? `if \`${asked}\`` : undefined;
}

/** A block that only logs would be left empty. */
function isAlone(statement: SyntaxNode): boolean {
  return statementsOf(statement.parent!).length === 1;
}

const phrasings = [
  "Log {message} with {logs} {where}.",
  "Call {logs} with {message} {where}.",
  "Add {logs}({message}) {where}.",
  "Add a {logs} of {message} {where}.",
  "Add logging to {name}: {message} {where}, with {logs}.",
  "Log {message} {where} in {name}, using {logs}.",
  "{name} should log {message} {where}. Use {logs}.",
  "Make {name} call {logs}({message}) {where}.",
  "Use {logs} to log {message} {where}.",
  "Write {message} to {logs} {where}.",
  "Insert `{logs}({message})` {where}.",
  "I want to see {message} through {logs} {where}.",
  "Add a log line {where}: {logs}({message}).",
];
