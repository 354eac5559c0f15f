// A constant of a Python file, class or function is written out wherever it is used, and its definition
// goes. Only numbers and texts that stand nowhere else in the unit.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Lose, Loss } from "../../phrased.ts";
import { rewritten, wholeLines, withBlankLines } from "../../rewrite.ts";
import { introduced } from "./new-constant.ts";
import { bindingNodes, usesOf } from "./scopes.ts";
import { definitionOf, statementsOf } from "./structure.ts";

interface Constant {
  readonly statement: SyntaxNode;
  readonly name: string;
  readonly value: string;
  readonly uses: readonly SyntaxNode[];
}

const valueMax = 40;

export const loseConstant: Lose = (unit, random) => {
  const lost = writeOut(unit, random);
  if (lost !== undefined || random.next() > introducedShare) return lost;
  return introduced(unit, random, { isLiteral, phrasings });
};

/** Of functions that have no constant, some get one that the instruction names. */
const introducedShare = 0.3;

function writeOut(unit: EditUnit, random: Random): Loss | undefined {
  const holder = definitionOf(unit) ?? unit.root;
  const statements = unit.what === "file" ? holder.named : statementsOf(holder);
  const constants = statements.flatMap((statement) => constantOf(statement, unit) ?? []);
  const one = constants[random.below(constants.length)];
  const lines = one && wholeLines(unit.text, one.statement);
  if (one === undefined || lines === undefined) return undefined;
  const { statement, name, value, uses } = one;
  const isFirst = statements.find(({ type }) => type !== "comment") === statement;
  const removed = isFirst ? withBlankLines(unit.text, lines) : tidied(unit.text, lines);
  const before = rewritten(unit.text, [
    { ...removed, text: "" },
    ...uses.map(({ from, to }) => ({ from, to, text: value })),
  ]);
  const where = places[unit.what === "method" ? "function" : unit.what];
  return { before, facts: { name, value }, words: { where }, phrasings };
}

/** Where it goes must be said: there is more than one place. */
const phrasings: readonly string[] = [
  "Extract {value} into a constant {name} {where}.",
  "Extract {value} into {name}, defined {where}.",
  "Introduce {name} = {value} {where} and use it.",
  "Introduce the constant {name} for {value} {where}.",
  "Put {value} into {name} {where}.",
  "Make {value} a constant named {name} {where}.",
  "Move {value} to a constant {name} {where}.",
  "Give {value} the name {name} {where}.",
  "Name the value {value} {name} {where}.",
  "Define {name} {where} and use it instead of {value}.",
  "Replace {value} with a constant {name} {where}.",
  "Replace the magic value {value} by {name}, defined {where}.",
  "{value} should be a constant {where}, {name}.",
  "No magic values: call {value} {name} {where}.",
];

const places = {
  file: "at the top of the file",
  class: "in the class",
  function: "in the function",
};

/** Between blank lines one of the two goes too. */
function tidied(text: string, lines: { from: number; to: number }) {
  const isBehindBlank = lines.from === 0 || text.slice(0, lines.from).endsWith("\n\n");
  return isBehindBlank ? withBlankLines(text, lines) : lines;
}

/** `NAME = 5`, used and never changed. */
function constantOf(statement: SyntaxNode, unit: EditUnit): Constant | undefined {
  const assignment = statement.type === "expression_statement" ? statement.named[0] : undefined;
  if (assignment?.type !== "assignment" || statement.named.length > 1) return undefined;
  const [left, right] = [assignment.field("left")!, assignment.field("right")];
  if (left.type !== "identifier" || !right || assignment.field("type") !== null) return undefined;
  if (!isLiteral(right) || !isTelling(left.text, right.text, unit)) return undefined;
  const name = left.text;
  const uses = usesIn(unit, name, left);
  if (uses === undefined || uses.length === 0 || uses.length > 4) return undefined;
  // The value must be found again by those who know it alone.
  const others = [...descendants(unit.root)].filter(({ type, text }) => {
    return type === right.type && text === right.text;
  });
  return others.length === 1 ? { statement, name, value: right.text, uses } : undefined;
}

function isLiteral(node: SyntaxNode): boolean {
  const { type, text } = node;
  if (text.length > valueMax || text.includes("\n")) return false;
  if (type === "string") return /^["'].{2,}["']$/.test(text);
  return /^(?:integer|float)$/.test(type);
}

/** In a function any name will do that says more than the value; elsewhere one that is a constant's. */
function isTelling(name: string, value: string, { what }: EditUnit): boolean {
  if (/^(?:__.*|.|_.)$/.test(name)) return false;
  if (what === "file" || what === "class") return /^_?[A-Z][A-Z\d_]+$/.test(name);
  return !/^[01]$|^["']{2}$/.test(value);
}

/** Where it is read; undefined where it is bound again or read from elsewhere. */
function usesIn(unit: EditUnit, name: string, left: SyntaxNode): SyntaxNode[] | undefined {
  const bindings = bindingNodes(unit.root).filter(({ text }) => text === name);
  if (bindings.length !== 1) return undefined;
  const plain = (usesOf(unit.root).get(name) ?? []).filter((node) => node !== left);
  const attributes = [...descendants(unit.root)].filter(
    (node) => node.type === "attribute" && node.field("attribute")!.text === name,
  );
  if (unit.what !== "class")
    return attributes.length > 0 || plain.some(isInText) ? undefined : plain;
  const own = /^(?:self|cls)$/;
  const isOwn = (node: SyntaxNode) => {
    const object = node.field("object")!.text;
    return own.test(object) || object === unit.name.slice(unit.name.lastIndexOf(".") + 1);
  };
  return attributes.every(isOwn) && plain.length === 0 ? attributes : undefined;
}

/** A value within an f-string would have to be quoted otherwise. */
function isInText(node: SyntaxNode): boolean {
  return node.parent?.type === "interpolation";
}
