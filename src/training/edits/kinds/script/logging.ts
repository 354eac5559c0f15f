// Takes away a line that logs from TypeScript or JavaScript: the instruction says what is to be logged,
// with what, and where.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten, wholeLines } from "../../rewrite.ts";
import { functionOf, isFunction, ofType, statementsOf, styleOf } from "./nodes.ts";
import { placesIn } from "./places.ts";

const logger =
  /^(?:console|log|logger|(?:this\.)?#?_?log(?:ger)?|debug)\.(?:log|info|warn|error|debug|trace|fatal|verbose)$/;

export function loseLogging(unit: EditUnit, random: Random): Loss | undefined {
  return lost(unit, random) ?? added(unit, random);
}

function lost({ root, text }: EditUnit, random: Random): Loss | undefined {
  const found = ofType(root, "expression_statement").flatMap((statement) => {
    const call = callOf(statement);
    const where = call === undefined ? undefined : placeOf(statement, root);
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

/** Where nobody logged: a line at the start of a block, with what is told there. */
function added({ root, text, name }: EditUnit, random: Random): Loss | undefined {
  if (/\bconsole\b|\blog(?:ger)?\b/i.test(text) || random.next() < 0.5) return undefined;
  const places = placesIn(root, text).flatMap((place) => {
    const where = placeOf(place.statement, root);
    return where === undefined || where === "at the end" ? [] : [{ ...place, where }];
  });
  const place = places[random.below(places.length)];
  if (place === undefined) return undefined;
  const { indent, names, statement, where } = place;
  // Above what comments say of the first statement.
  const at = text.indexOf("\n", statement.parent!.from) + 1;
  const { quote, end } = styleOf(text);
  const short = name.slice(name.lastIndexOf(".") + 1);
  const isFailure = where === "when it fails";
  const level = isFailure ? "error" : ["log", "info", "debug", "warn"][random.below(4)]!;
  const texts = isFailure
    ? [`${short} failed`, `Error in ${short}`]
    : [`${short} called`, `Calling ${short}`, `${short}: start`, short, `Entering ${short}`];
  const later = where.startsWith("if")
    ? [`${short}: skipped`, `${short} stops here`, `${short}: special case`]
    : texts;
  const said = quote + later[random.below(later.length)]! + quote;
  const value = names[random.below(names.length)];
  const message = value === undefined || random.next() < 0.4 ? said : `${said}, ${value}`;
  const logs = `console.${level}`;
  const line = `${indent}${logs}(${message})${end}\n`;
  const after = rewritten(text, [{ from: at, to: at, text: line }]);
  return {
    before: text,
    after,
    facts: { logger: logs, message },
    words: { logs, message, where },
    phrasings,
  };
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
function placeOf(statement: SyntaxNode, root: SyntaxNode): string | undefined {
  const own = functionOf(root);
  const block = statement.parent;
  const owner = block?.type === "statement_block" ? block.parent : null;
  if (block === null || owner === null) return undefined;
  const statements = statementsOf(block);
  const isFirst = statements[0]?.from === statement.from;
  // The start of a function within would be another place.
  if (isFunction(owner) && owner.from !== own?.from) return undefined;
  if (isFunction(owner) && isFirst) return "at the start";
  if (isFunction(owner) && statements.at(-1)?.from === statement.from) return "at the end";
  if (!isFirst) return undefined;
  if (owner.type === "catch_clause") {
    return ofType(root, "catch_clause").length === 1 ? "when it fails" : undefined;
  }
  const condition = owner.type === "if_statement" ? owner.field("condition") : null;
  if (condition === null || owner.field("consequence")?.from !== block.from) return undefined;
  const alike = ofType(root, "if_statement").filter(
    (one) => one.field("condition")?.text === condition.text,
  );
  if (alike.length > 1) return undefined;
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
