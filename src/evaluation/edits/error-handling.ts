// A `try` that was asked for: it holds the statements that it was asked for, catches what was named and does
// with it what was said; without it the text is the original. It holds more only where its handler leaves:
// else what is added is skipped after an error, which nobody asked for.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";
import { isTarget, judgeDeterminedButNames, namesGiven, sameButNames } from "./determined.ts";
import { type Judge, type Question, success, wrong } from "./judge.ts";
import { leadingTexts } from "./leading-text.ts";
import { type Form, isName, namePrefix, normalForm, sameForm } from "./normal-form.ts";

export const judgeErrorHandling: Judge = (question) => {
  if (isTarget(question)) return success;
  const { before, target, answer } = question;
  const asked = newTry(before, target);
  if (asked === undefined) return judgeDeterminedButNames(question);
  const given = newTry(before, answer);
  if (given === undefined) return wrong("it is not the original with a try round a part of it");
  const held = statementsIn(given).map((node) => normalForm(node));
  const isHeld = (wanted: Form) => held.some((form) => sameForm(form, wanted));
  if (!statementsIn(asked).every((node) => isHeld(normalForm(node)))) {
    return wrong("the try does not hold all that can fail");
  }
  const isWider = allStatements(given).length > statementsIn(asked).length;
  if (isWider && !leaves(given)) return wrong("after an error it skips more than was asked for");
  if (leadingTexts(answer) < leadingTexts(target)) return wrong("the try holds the docstring");
  const [wanted, found] = [asked, given].map((node) => handlersOf(node, question.row));
  const names = namesGiven(question);
  const isSame = sameButNames(
    wanted!,
    found!,
    names.difference(caught(asked).union(caught(given))),
  );
  return isSame ? success : wrong("it catches something else, or does something else then");
};

/** The try without which a text would be the original. */
function newTry(before: SyntaxNode, after: SyntaxNode): SyntaxNode | undefined {
  const original = normalForm(before);
  return [...descendants(after)].find((node) => {
    if (node.type !== "try_statement") return false;
    const adjust = (one: SyntaxNode) => (one === node ? allStatements(node) : undefined);
    return sameForm(normalForm(after, { adjust }), original);
  });
}

function statementsIn(node: SyntaxNode): readonly SyntaxNode[] {
  return node.field("body")?.named.filter(({ type }) => type !== "comment") ?? [];
}

/** Those of the body, and those that run behind it where nothing fails; `finally` runs after errors too. */
function allStatements(node: SyntaxNode): readonly SyntaxNode[] {
  const behind = node.named.filter(({ type }) => type === "else_clause");
  const blocks = behind.flatMap(({ named }) => named.filter(({ type }) => /block$/.test(type)));
  return [...statementsIn(node), ...blocks.flatMap(({ named }) => named)];
}

/** Whether nothing behind the try runs after an error that it catches. */
function leaves(node: SyntaxNode): boolean {
  return handlersIn(node).every((handler) => {
    const body = handler.field("body") ?? handler.named.find(({ type }) => type === "block");
    const last = body?.named.findLast(({ type }) => type !== "comment");
    return (
      last !== undefined && /^(?:return|raise|throw|continue|break)_statement$/.test(last.type)
    );
  });
}

function handlersIn(node: SyntaxNode): readonly SyntaxNode[] {
  return node.named.filter(({ type }) => /^(?:except|except_group|catch)_clause$/.test(type));
}

/** What is caught and what is done. What a script logs of an error is not said, only with what. */
function handlersOf(node: SyntaxNode, { language }: Question["row"]): Form {
  const adjust = (one: SyntaxNode) =>
    language !== "python" && one.type === "arguments" && isLogging(one.parent) ? [] : undefined;
  return handlersIn(node).flatMap((clause) => {
    const unused = unusedParameter(clause, adjust);
    return normalForm(clause, { adjust: (one) => (unused.has(one) ? [] : adjust(one)) });
  });
}

/** `(error)` of a script's catch that does nothing with it: whether it is there makes no difference. */
function unusedParameter(
  clause: SyntaxNode,
  adjust: (one: SyntaxNode) => readonly SyntaxNode[] | undefined,
): Set<SyntaxNode> {
  const [parameter, body] = [clause.field("parameter"), clause.field("body")];
  const type = clause.field("type");
  const unused = new Set(type === null ? [] : [type]);
  if (parameter === null || body === null) return unused;
  const used = new Set(normalForm(body, { adjust }));
  const names = [...descendants(parameter)].filter(isName);
  if (names.some(({ text }) => used.has(`${namePrefix}${text}`))) return unused;
  const signs = clause.children.filter((one) => one.type === "(" || one.type === ")");
  return new Set([...unused, ...signs, parameter]);
}

/** What the error is called, in tokens of a form: whatever the instruction says besides. */
function caught(node: SyntaxNode): Set<string> {
  const names = handlersIn(node).map((handler) => {
    const pattern = handler.named.find(({ type }) => type === "as_pattern");
    return (pattern?.field("alias") ?? handler.field("parameter"))?.text;
  });
  return new Set(names.map((name) => `${namePrefix}${name}`));
}

function isLogging(call: SyntaxNode | null): boolean {
  return /^(?:console|logger|log)\.\w+$/.test(call?.field("function")?.text ?? "");
}
