// A body that was asked for: what is as it was, is told; whether it does what its comment says, only the
// author's own body shows.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";
import { docstringOf } from "../../training/edits/kinds/python/structure.ts";
import { commentsOf } from "./comments.ts";
import { isTarget } from "./determined.ts";
import { changedElse, type Judge, type Judgement, success, wrong } from "./judge.ts";
import { normalForm, sameForm } from "./normal-form.ts";

const open: Judgement = { verdict: "open" };

export const judgeImplement: Judge = (question) => {
  const docs = (root: SyntaxNode) => commentsOf(root).filter(({ text }) => text.startsWith("/**"));
  if (!Bun.deepEquals(docs(question.before), docs(question.answer))) return changedElse;
  if (isTarget(question)) return success;
  const [before, answer] = [question.before, question.answer].map(bodyOf);
  if (before === undefined || answer === undefined) return changedElse;
  const isSame = sameForm(without(question.before, before), without(question.answer, answer));
  if (!isSame) return changedElse;
  return answer.every(isStub) ? wrong("there is nothing in it") : open;
};

/** The statements of the unit's function, but its docstring. */
function bodyOf(root: SyntaxNode): readonly SyntaxNode[] | undefined {
  for (const node of descendants(root)) {
    const body =
      node.type.includes("function") || node.type === "method_definition"
        ? node.field("body")
        : null;
    if (body === null) continue;
    const docstring = docstringOf(node);
    return body.named.filter((one) => one.type !== "comment" && one !== docstring);
  }
  return undefined;
}

function without(root: SyntaxNode, statements: readonly SyntaxNode[]) {
  const gone = new Set(statements);
  return normalForm(root, { adjust: (node) => (gone.has(node) ? [] : undefined) });
}

/** What stands where nothing is yet. */
function isStub({ text }: SyntaxNode): boolean {
  return /^(?:pass|\.\.\.|raise NotImplementedError\b.*|throw new Error\(.*not implemented.*|return(?: None| null| undefined)?;?)$/is.test(
    text,
  );
}

/** What a person would have to look at: it differs, and nothing tells whether as it should. */
export const judgeOpen: Judge = (question) => (isTarget(question) ? success : open);
