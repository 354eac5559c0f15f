// Takes away an early return or throw at the top of a function of TypeScript or JavaScript, or nests what
// follows it in an "else" turned round, so that the guard is what is asked for.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { hasLongText, indentAt, rewritten, wholeLines } from "../../rewrite.ts";
import { inWordsShare, saidInWords, scriptAction, scriptCondition } from "../in-words.ts";
import { blockOf, functionOf, ofType, statementsOf, styleOf } from "./nodes.ts";
import { indented, negated } from "./statements.ts";

interface Guard {
  readonly node: SyntaxNode;
  readonly condition: SyntaxNode;
  /** What is done: the return or throw. */
  readonly exit: SyntaxNode;
}

export function loseGuard(unit: EditUnit, random: Random): Loss | undefined {
  const own = functionOf(unit.root);
  const block = own === undefined ? undefined : blockOf(own);
  if (block === undefined) return undefined;
  const statements = statementsOf(block);
  const guard = statements[0] === undefined ? undefined : guardOf(statements[0]);
  if (guard === undefined || statements.length < 2) return undefined;
  const nestedForm = random.next() < 0.5 ? nested(unit, block, guard, statements) : undefined;
  return nestedForm ?? without(unit, guard, random);
}

function guardOf(node: SyntaxNode): Guard | undefined {
  if (node.type !== "if_statement" || node.field("alternative") !== null) return undefined;
  const condition = node.field("condition");
  const consequence = node.field("consequence");
  if (condition === null || consequence === null) return undefined;
  const inner = consequence.type === "statement_block" ? consequence.named : [consequence];
  const [exit] = inner;
  if (inner.length !== 1 || exit === undefined) return undefined;
  if (!/^(?:return|throw)_statement$/.test(exit.type)) return undefined;
  return { node, condition, exit };
}

/** The guard gone: the instruction says what it asks and does. */
function without(
  { text }: EditUnit,
  { node, condition, exit }: Guard,
  random: Random,
): Loss | undefined {
  const asked = condition.text.slice(1, -1).trim();
  const does = doesOf(exit);
  const lines = wholeLines(text, node);
  if (does === undefined || lines === undefined) return undefined;
  if (asked.length > 70 || asked.includes("\n")) return undefined;
  const rest = text.slice(lines.to);
  const blank = /^[ \t]*\n/.exec(rest)?.[0].length ?? 0;
  const before = rewritten(text, [{ from: lines.from, to: lines.to + blank, text: "" }]);
  const facts = { condition: asked, does };
  const inWords = random.next() < inWordsShare && scriptCondition(asked, random);
  if (inWords) {
    const action = scriptAction(does, random);
    const words = { condition: inWords, action };
    return { before, facts, words, phrasings: saidInWords };
  }
  return { before, facts, words: { asked }, phrasings: missing };
}

function doesOf(exit: SyntaxNode): string | undefined {
  const [value] = exit.named;
  if (exit.text.length > 80 || exit.text.includes("\n")) return undefined;
  if (value === undefined) return "return";
  if (exit.type === "return_statement") return `return ${value.text}`;
  if (value.type !== "new_expression") return undefined;
  return `throw ${value.text}`;
}

/**
 * What follows moved into an "if" of the opposite. It is the same where the guard gives nothing back
 * and the rest neither, or where the rest ends in a return and the guard's can stand behind it.
 */
function nested(
  { root, text }: EditUnit,
  block: SyntaxNode,
  { node, condition, exit }: Guard,
  statements: readonly SyntaxNode[],
): Loss | undefined {
  if (exit.type !== "return_statement" || hasLongText(block)) return undefined;
  const lines = wholeLines(text, node);
  const last = statements.at(-1)!;
  const lastLines = wholeLines(text, last);
  if (lines === undefined || lastLines === undefined) return undefined;
  const value = exit.named.find(({ type }) => type !== "comment");
  const returns = /^(?:return|throw)_statement$/.test(last.type);
  if (value === undefined ? gives(root) : !returns) return undefined;
  const indent = indentAt(text, node.from);
  const { step, end } = styleOf(text);
  const rest = text.slice(lines.to, lastLines.to).replace(/^(?:[ \t]*\n)+/, "");
  const opposite = negated(condition);
  const behind = value === undefined ? "" : `${indent}return ${value.text}${end}\n`;
  const body = `${indent}if (${opposite}) {\n${indented(rest, step)}${indent}}\n${behind}`;
  const before = rewritten(text, [{ from: lines.from, to: lastLines.to, text: body }]);
  return { before, words: { opposite }, phrasings: flattened };
}

/** Whether anything is given back: what then comes at the end is not the same. */
function gives(root: SyntaxNode): boolean {
  return ofType(root, "return_statement").some(({ named }) => named.length > 0);
}

const missing = [
  "If `{asked}`, {does}.",
  "If `{asked}`, {does} at once.",
  "{does} early if `{asked}`.",
  "Add a guard clause: if `{asked}`, {does}.",
  "Add a guard to {name}: if `{asked}`, {does}.",
  "Add an early exit: {does} when `{asked}`.",
  "{name} should {does} when `{asked}`.",
  "Make {name} {does} if `{asked}`.",
  "First check `{asked}` and {does} then.",
  "At the top of {name}, {does} if `{asked}`.",
  "Before anything else, {does} if `{asked}`.",
  "Handle the case `{asked}` first: {does}.",
  "Check at the start whether `{asked}` and {does}.",
];

const flattened = [
  "Use a guard clause instead of the nested if.",
  "Use a guard clause in {name}.",
  "Use an early return.",
  "Use an early return in {name} instead of nesting.",
  "Return early instead of nesting everything in an if.",
  "Flatten {name} with an early return.",
  "Flatten the nested if.",
  "Invert the if and return early.",
  "Invert the condition `{opposite}` and return early.",
  "Turn the outer if into a guard clause.",
  "Reduce the nesting in {name}.",
  "Get rid of the nesting: return early.",
  "The whole body is in an if. Return early instead.",
  "Replace the wrapping if by a guard clause at the top.",
];
