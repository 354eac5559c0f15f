// A Python function gets code that does nothing: statements of its file behind a return or a raise, under
// `if False`, or a variable that nobody reads.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Lose, Loss } from "../../phrased.ts";
import { indentAt, rewritten, startsLine } from "../../rewrite.ts";
import { namesBefore } from "./remove-debug.ts";
import { identifierNodes, usesOf, wordsOf } from "./scopes.ts";
import { docstringOf, functionOf, ownNodes, stepOf } from "./structure.ts";

export const plantDeadCode: Lose = (unit, random) => {
  const definition = functionOf(unit);
  if (definition === undefined || hasDeadCode(definition)) return undefined;
  const way = random.next();
  if (way < 0.4) return behindExit(unit, definition, random);
  return way < 0.65
    ? neverTrue(unit, definition, random)
    : unusedVariable(unit, definition, random);
};

const exits = /^(?:return|raise|continue|break)_statement$/;

/** The whole answer would not be known. */
function hasDeadCode(definition: SyntaxNode): boolean {
  if (hasUnread(definition)) return true;
  return [...descendants(definition)].some((node) => {
    const condition = node.type === "if_statement" ? node.field("condition")!.text : "";
    const { parent } = node;
    const isLast = parent?.named.at(-1) === node;
    return /^(?:False|0|None)$/.test(condition) || (exits.test(node.type) && !isLast);
  });
}

/** Whether a variable is given values and never read. */
function hasUnread(definition: SyntaxNode): boolean {
  const uses = usesOf(definition);
  const written = new Map<string, number>();
  for (const node of descendants(definition.field("body")!)) {
    for (const { text } of writtenBy(node)) written.set(text, (written.get(text) ?? 0) + 1);
  }
  return [...written].some(([name, count]) => uses.get(name)!.length === count && name !== "_");
}

/** The names that a statement writes; not those of a loop, which must have one. */
function writtenBy(node: SyntaxNode): readonly SyntaxNode[] {
  const isTarget = node.type === "as_pattern_target";
  const isAssignment = /^(?:assignment|augmented_assignment)$/.test(node.type);
  const target = isTarget ? node : isAssignment ? node.field("left") : null;
  return target === null ? [] : identifierNodes(target);
}

function behindExit(unit: EditUnit, definition: SyntaxNode, random: Random): Loss | undefined {
  const ends = [...ownNodes(definition)].filter(({ type, from, text }) => {
    return (
      /^(?:return|raise)_statement$/.test(type) &&
      startsLine(unit.text, from) &&
      !text.includes("#")
    );
  });
  const end = ends[random.below(ends.length)];
  const line = deadLine(unit, definition, end, random);
  if (end === undefined || line === undefined) return undefined;
  const newline = unit.text.indexOf("\n", end.to);
  const at = newline < 0 ? unit.text.length : newline;
  if (unit.text.slice(end.to, at).trim() !== "") return undefined;
  const text = `\n${indentAt(unit.text, end.from)}${line}`;
  const before = rewritten(unit.text, [{ from: at, to: at, text }]);
  const after = end.type === "raise_statement" ? "raise" : "return";
  const names = ["unreachable code", `code after the ${after}`, "unreachable statement"];
  return lossOf(before, line, names[random.below(names.length)]!);
}

function neverTrue(unit: EditUnit, definition: SyntaxNode, random: Random): Loss | undefined {
  const place = placeIn(unit, definition, random);
  const line = deadLine(unit, definition, place, random);
  if (place === undefined || line === undefined) return undefined;
  const indent = indentAt(unit.text, place.from);
  const condition = random.next() < 0.7 ? "False" : "0";
  const text = `if ${condition}:\n${indent}${stepOf(definition, unit.text)}${line}\n${indent}`;
  const before = rewritten(unit.text, [{ from: place.from, to: place.from, text }]);
  const names = [`if ${condition} block`, "block that never runs", "condition that is never true"];
  return lossOf(before, line, names[random.below(names.length)]!);
}

function unusedVariable(unit: EditUnit, definition: SyntaxNode, random: Random): Loss | undefined {
  const place = placeIn(unit, definition, random);
  if (place === undefined) return undefined;
  const taken = wordsOf(unit.text);
  const free = unused.filter((name) => !taken.has(name));
  const name = free[random.below(free.length)];
  if (name === undefined) return undefined;
  const known = namesBefore(definition, place);
  const from = known[random.below(known.length)];
  const values = from === undefined ? plainValues : [...plainValues, from, `len(${from})`];
  const line = `${name} = ${values[random.below(values.length)]}`;
  const text = `${line}\n${indentAt(unit.text, place.from)}`;
  const before = rewritten(unit.text, [{ from: place.from, to: place.from, text }]);
  return lossOf(before, line, `unused variable ${random.next() < 0.6 ? name : ""}`.trim());
}

const unused =
  `unused tmp temp flag count old_value previous status debug total counter extra cache last
  found done backup`.split(/\s+/);
const plainValues = ["None", "0", "[]", "{}", "False", '""', "1"];

function lossOf(before: string, line: string, dead: string): Loss {
  const isMany = dead.endsWith("code") || dead.startsWith("code");
  const aDead = isMany ? dead : `${/^[aeiou]/.test(dead) ? "an" : "a"} ${dead}`;
  return { before, facts: { what: line }, words: { dead, aDead }, phrasings };
}

const phrasings = [
  "Remove the {dead}.",
  "Remove the {dead} from {name}.",
  "Remove the dead code.",
  "Remove the dead code in {name}.",
  "Remove code that does nothing.",
  "Delete the {dead}.",
  "Delete the dead code.",
  "Drop the {dead}.",
  "Clean up the dead code in {name}.",
  "Get rid of the {dead}.",
  "Take out the {dead}.",
  "There is {aDead} in {name}, remove it.",
  "{name} has dead code, remove it.",
  "{name} has {aDead}.",
];

/** A statement that a line can stand before. */
function placeIn(unit: EditUnit, definition: SyntaxNode, random: Random): SyntaxNode | undefined {
  const docstring = docstringOf(definition);
  const places = [...ownNodes(definition)]
    .filter(({ type }) => type === "block")
    .flatMap((block) => block.named)
    .filter(
      (one) => one !== docstring && one.type !== "comment" && startsLine(unit.text, one.from),
    );
  return places[random.below(places.length)];
}

const lineMax = 70;

/** A short statement of another function of the file, else one that everybody writes. */
function deadLine(
  unit: EditUnit,
  definition: SyntaxNode,
  place: SyntaxNode | undefined,
  random: Random,
): string | undefined {
  if (place === undefined) return undefined;
  const own = new Set(unit.text.split("\n").map((line) => line.trim()));
  const lines = unit.file.text.split("\n").map((line) => line.trim());
  const calls = lines.filter(
    (line) =>
      /^(?:self\.)?[a-z_][\w.]*\([^()]*\)$/.test(line) && line.length <= lineMax && !own.has(line),
  );
  const names = namesBefore(definition, place);
  const name = names[random.below(names.length)];
  const common =
    name === undefined
      ? ["return None", "pass"]
      : [`${name} = None`, "return None", `return ${name}`];
  const list = calls.length > 0 && random.next() < 0.6 ? calls : common;
  return list[random.below(list.length)];
}
