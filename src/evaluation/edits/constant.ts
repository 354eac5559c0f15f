// A value that got a name: every use has the name, one definition gives it the value, and it may stand in
// the function or above it. All else is as it was.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";
import { isTarget, judgeDetermined } from "./determined.ts";
import { changedElse, type Judge, type Question, success, wrong } from "./judge.ts";
import { leadingTexts } from "./leading-text.ts";
import { type Form, isName, namePrefix, normalForm, sameForm } from "./normal-form.ts";

export const judgeConstant: Judge = (question) => {
  const { name } = question.row.facts;
  if (isTarget(question)) return success;
  if (name === undefined) return judgeDetermined(question);
  const asked = definitionOf(question.target, name);
  const given = definitionOf(question.answer, name);
  if (asked === undefined) return judgeDetermined(question);
  if (given === undefined) return wrong(`there is no constant ${name}`);
  const [value, wanted] = [given, asked].map(({ value }) => normalForm(value));
  if (!sameForm(value!, wanted!)) return wrong(`${name} has another value`);
  const isSeen =
    isBefore(given.statement, question.answer, name) && isInScope(given, asked, question);
  if (!isSeen) {
    return wrong(`${name} is used where it is not defined`);
  }
  if (leadingTexts(question.answer) < leadingTexts(question.target)) {
    return wrong("it stands before the docstring");
  }
  const without = (root: SyntaxNode, { statement }: Definition) =>
    normalForm(root, { adjust: (node) => (node === statement ? [] : undefined) });
  const isSame = sameForm(without(question.answer, given), without(question.target, asked));
  if (isSame) return success;
  const missing =
    usesIn(normalForm(question.target), name) - usesIn(normalForm(question.answer), name);
  return missing > 0 ? wrong(`${missing} uses have the value still`) : changedElse;
};

interface Definition {
  readonly statement: SyntaxNode;
  readonly value: SyntaxNode;
}

/** `NAME = value` and `const NAME = value`, alone in a statement. */
function definitionOf(root: SyntaxNode, name: string): Definition | undefined {
  for (const node of descendants(root)) {
    const isAlone = statements.has(node.type) && node.named.length === 1;
    const inner = isAlone ? node.named[0]! : undefined;
    const defined = inner?.field("left") ?? inner?.field("name");
    const value = inner?.field("right") ?? inner?.field("value");
    if (defined?.text === name && value != null) return { statement: node, value };
  }
  return undefined;
}

const statements = new Set([
  "expression_statement",
  "lexical_declaration",
  "variable_declaration",
  "public_field_definition",
]);

/** Whether every use stands behind the definition and within what holds it. */
function isBefore(statement: SyntaxNode, root: SyntaxNode, name: string): boolean {
  const end = statement.parent?.to ?? root.to;
  const uses = [...descendants(root)].filter((node) => isName(node) && node.text === name);
  const isOwn = ({ from, to }: SyntaxNode) => from >= statement.from && to <= statement.to;
  return uses.every((use) => isOwn(use) || (use.from >= statement.to && use.to <= end));
}

/** What Python's classes bind their methods do not see; above a method is the class. */
function isInScope(given: Definition, asked: Definition, { row, answer }: Question): boolean {
  if (isOfClass(given.statement) && !isOfClass(asked.statement)) return false;
  const isMethod = row.language === "python" && row.name.includes(".");
  const isTop = given.statement.parent === answer;
  return !(isMethod && isTop) || asked.statement.parent?.parent === null;
}

function isOfClass({ parent }: SyntaxNode): boolean {
  return parent?.parent?.type === "class_definition";
}

function usesIn(form: Form, name: string): number {
  return form.filter((token) => token === `${namePrefix}${name}`).length;
}
