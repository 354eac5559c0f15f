// A Python function loses a guard, or has what follows it nested in the opposite condition, as it is
// written by those who do not know better.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Lose, Loss } from "../../phrased.ts";
import {
  hasLongText,
  indentAt,
  movedLines,
  rewritten,
  startsLine,
  wholeLines,
  withBlankLines,
} from "../../rewrite.ts";
import {
  inWordsShare,
  placedInWords,
  pythonAction,
  pythonCondition,
  saidInWords,
} from "../in-words.ts";
import { opposite } from "./conditions.ts";
import { placeOf } from "./places.ts";
import { functionOf, ownNodes } from "./structure.ts";

interface Guard {
  readonly statement: SyntaxNode;
  readonly condition: SyntaxNode;
  readonly exit: SyntaxNode;
  readonly rest: readonly SyntaxNode[];
}

const quotedMax = 80;

export const loseGuard: Lose = (unit, random) => {
  const definition = functionOf(unit);
  if (definition === undefined) return undefined;
  const guards = [...ownNodes(definition)]
    .flatMap((node) => guardOf(node) ?? [])
    .filter(({ exit }) => startsLine(unit.text, exit.from));
  const guard = guards[random.below(guards.length)];
  if (guard === undefined) return undefined;
  const nested = random.next() < 0.5 ? nest(unit, guard) : undefined;
  return nested ?? remove(unit, guard, definition, random);
};

/** `if x: return y` with something after it. */
function guardOf(node: SyntaxNode): Guard | undefined {
  if (node.type !== "if_statement" || node.parent?.type !== "block") return undefined;
  const condition = node.field("condition")!;
  const block = node.field("consequence")!;
  const [exit, ...more] = block.named;
  if (node.field("alternative") !== null || exit === undefined || more.length > 0) return undefined;
  if (!/^(?:return|raise|continue)_statement$/.test(exit.type)) return undefined;
  const isShort = ({ text }: SyntaxNode) => text.length <= quotedMax && !/[\n`#]/.test(text);
  if (!isShort(condition) || !isShort(exit) || node.text.includes("#")) return undefined;
  const siblings = node.parent.named;
  const rest = siblings.slice(siblings.indexOf(node) + 1);
  return rest.length === 0 ? undefined : { statement: node, condition, exit, rest };
}

function remove(
  unit: EditUnit,
  { statement, condition, exit }: Guard,
  definition: SyntaxNode,
  random: Random,
): Loss | undefined {
  const where = placeOf(statement, definition);
  const lines = wholeLines(unit.text, statement);
  if (where === undefined || lines === undefined) return undefined;
  const removed = withBlankLines(unit.text, lines);
  const before = rewritten(unit.text, [{ ...removed, text: "" }]);
  const action = exit.type === "continue_statement" ? "continue with the next one" : exit.text;
  const facts = { condition: condition.text, action: exit.text };
  const inWords = random.next() < inWordsShare && pythonCondition(condition.text, random);
  if (inWords) {
    const does = pythonAction(exit.text, random);
    const words = { where, condition: inWords, action: does };
    const phrasings = where === "at the start" ? saidInWords : placedInWords;
    return { before, facts, words, phrasings };
  }
  const quoted = random.next() < 0.3;
  return {
    before,
    facts,
    words: { where, action: quoted ? `\`${action}\`` : action, condition: condition.text },
    phrasings: where === "at the start" ? undefined : placedPhrasings,
  };
}

/** Where the guard is not the first thing, its place must be said. */
const placedPhrasings = [
  "Add a guard clause {where}: if {condition}, {action}.",
  "Add a check {where}: if {condition}, {action}.",
  "Add an early exit {where}: {action} if {condition}.",
  "If {condition}, {action} {where}.",
  "When {condition}, {action} {where}.",
  "In {name}, {action} {where} if {condition}.",
  "Check {where} whether {condition} and {action} then.",
  "Check for `{condition}` {where} and {action}.",
  "Handle the case {condition} {where}: {action}.",
  "{name} should {action} if {condition}, {where}.",
  "Guard against {condition} {where}: {action}.",
  "Put a guard {where}: {action} when {condition}.",
];

/** The rest within the opposite condition, and what the guard returns behind it. */
function nest(unit: EditUnit, guard: Guard): Loss | undefined {
  const { statement, condition, exit, rest } = guard;
  const [first, last] = [rest[0]!, rest.at(-1)!];
  const lines = wholeLines(unit.text, { from: first.from, to: last.to });
  const own = wholeLines(unit.text, statement);
  if (!lines || !own || rest.some(hasLongText) || rest.length > restMax) return undefined;
  // With less there is no nesting to speak of.
  if (unit.text.slice(first.from, last.to).split("\n").length < nestedMin) return undefined;
  const behind = behindOf(exit, last);
  if (behind === undefined || !leavesBlock(guard)) return undefined;
  const indent = indentAt(unit.text, statement.from);
  const step = indentAt(unit.text, exit.from).slice(indent.length) || "    ";
  const between = unit.text.slice(own.to, lines.from);
  if (between.trim() !== "" && !between.trim().startsWith("#")) return undefined;
  const text = unit.text.slice(own.to, lines.to).replace(/^(?:[ \t]*\n)+/, "");
  const moved = movedLines(text.replace(/\n$/, ""), indent + step);
  const nested = `${indent}if ${opposite(condition)}:\n${moved}`;
  const tail = behind === "" ? "" : `\n${indent}${behind}`;
  const end = unit.text.slice(own.from, lines.to).endsWith("\n") ? "\n" : "";
  const before = rewritten(unit.text, [
    { from: own.from, to: lines.to, text: nested + tail + end },
  ]);
  const words = { condition: condition.text, action: exit.text };
  // Between "return" and "return None" the nested code does not tell.
  const isTold =
    behind !== "" || exit.text === "continue" || (exit.text === "return" && !ends(last));
  return { before, facts: words, phrasings: isTold ? nestedPhrasings : exactPhrasings };
}

const restMax = 8;
const nestedMin = 3;

const nestedPhrasings = [
  "Use a guard clause.",
  "Use a guard clause instead of nesting.",
  "Use an early exit in {name}.",
  "Use an early exit: `{action}` if {condition}.",
  "Use a guard clause in {name}: `{action}` if {condition}.",
  "`{action}` early if {condition} instead of nesting.",
  "Turn the if into a guard clause: `{action}` when {condition}.",
  "Invert the condition and `{action}` early.",
  "Flatten {name} with an early `{action}`.",
  "Remove the nesting: if {condition}, `{action}`.",
  "Turn the if into a guard clause.",
  "Turn the condition around and exit early.",
  "Invert the condition to get rid of the nesting.",
  "Flatten {name} with a guard clause.",
  "Flatten {name}: exit early if {condition}.",
  "Reduce the nesting in {name}.",
  "Remove the nesting with an early exit.",
  "{name} is nested too deep, use a guard clause.",
  "Replace the nested if by `if {condition}` with an early exit.",
  "Exit early if {condition} instead of nesting.",
];

const exactPhrasings = nestedPhrasings.filter((phrasing) => phrasing.includes("{action}"));

/** What must stand behind the nested rest to do the same; undefined where nothing would. */
function behindOf(exit: SyntaxNode, last: SyntaxNode): string | undefined {
  const isNothing = /^(?:return|return None|continue)$/.test(exit.text);
  if (isNothing) return exit.text === "return None" && ends(last) ? exit.text : "";
  return ends(last) && exit.type !== "continue_statement" ? exit.text : undefined;
}

function ends({ type }: SyntaxNode): boolean {
  return /^(?:return|raise|continue)_statement$/.test(type);
}

/** Whether the guard leaves just what its block is of: the function, or this turn of the loop. */
function leavesBlock({ statement, exit }: Guard): boolean {
  const holder = statement.parent!.parent!.type;
  if (exit.type === "continue_statement") return /^(?:for|while)_statement$/.test(holder);
  return holder === "function_definition";
}
