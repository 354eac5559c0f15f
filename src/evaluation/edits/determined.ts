// Edits of which only one result is right: the answer is the target, but for formatting. Comments count
// where the edit is about nothing else, names where they were not free to choose.

import type { SyntaxNode } from "../../syntax/node.ts";
import { bindingNodes } from "../../training/edits/kinds/python/scopes.ts";
import { freeNames } from "../../training/edits/kinds/script/bindings.ts";
import { sameComments } from "./comments.ts";
import { changedElse, type Judge, type Question, success, wrong } from "./judge.ts";
import {
  type Form,
  type FormOptions,
  memberPrefix,
  namePrefix,
  normalForm,
  sameForm,
} from "./normal-form.ts";

/** The target itself. */
export const judgeDetermined: Judge = (question) => {
  return isTarget(question) ? success : wrong("it is not what was asked for");
};

/** The target, where what it binds and neither the original nor the instruction names may have another name. */
export const judgeDeterminedButNames: Judge = (question) => {
  const { target, answer } = question;
  if (isTarget(question)) return success;
  const isSame = sameButNames(normalForm(target), normalForm(answer), namesGiven(question));
  return isSame ? success : wrong("it is not what was asked for");
};

/** The names, as a form has them, that an answer is not free to choose. */
export function namesGiven({ before, target, answer, row }: Question): ReadonlySet<string> {
  const said = row.instruction.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [];
  const foreign = [target, answer].flatMap((root) => unbound(root, row.language));
  const words = [...said, ...foreign].map((word) => `${namePrefix}${word}`);
  return new Set([...normalForm(before), ...words]);
}

/** Names of a text that it binds nowhere: they stand for what the language or the file has. */
function unbound(root: SyntaxNode, language: Question["row"]["language"]): string[] {
  if (language !== "python") return [...freeNames(root)];
  const bound = new Set(bindingNodes(root).map(({ text }) => text));
  const used = normalForm(root).filter((token) => token.startsWith(namePrefix));
  return used.map((token) => token.slice(namePrefix.length)).filter((name) => !bound.has(name));
}

export function isTarget(
  { before, target, answer }: Pick<Question, "before" | "target" | "answer">,
  options: FormOptions = {},
): boolean {
  const form = normalForm(target, options);
  if (!sameForm(form, normalForm(answer, options))) return false;
  const isAboutComments = sameForm(form, normalForm(before, options));
  return !isAboutComments || sameComments(target, answer);
}

/** Equal when each name that is not given has one other name throughout. */
export function sameButNames(a: Form, b: Form, given: ReadonlySet<string>): boolean {
  if (a.length !== b.length) return false;
  const [there, back] = [new Map<string, string>(), new Map<string, string>()];
  return a.every((token, at) => {
    const other = b[at]!;
    const isFree = [token, other].every((one) => one.startsWith(namePrefix) && !given.has(one));
    if (!isFree) return token === other;
    if (!there.has(token) && !back.has(other)) {
      there.set(token, other);
      back.set(other, token);
    }
    return there.get(token) === other && back.get(other) === token;
  });
}

/** Every use has the new name and nothing else has; what a docstring calls it is free. */
export const judgeRename: Judge = (question) => {
  const { from, to } = question.row.facts;
  if (from === undefined || to === undefined) return judgeDetermined(question);
  const docstring = (text: string) =>
    text.replace(/[\p{L}_$][\p{L}\p{N}_$]*/gu, (word) => (word === from ? to : word));
  if (isTarget(question, { docstring })) return success;
  const tokens = [`${namePrefix}${from}`, `${memberPrefix}${from}`];
  const uses = (form: Form) => form.filter((token) => tokens.includes(token)).length;
  const [was, asked, is] = [question.before, question.target, question.answer].map((root) =>
    uses(normalForm(root)),
  ) as [number, number, number];
  if (is > asked) return wrong(`${is - asked} of ${was - asked} uses have their old name`);
  if (is < asked) return wrong(`${asked - is} uses of another ${from} were renamed too`);
  return changedElse;
};
