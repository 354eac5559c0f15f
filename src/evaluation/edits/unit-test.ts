// A test that was asked for: the function stands as it was, and something new calls it and asserts. Whether
// it tests what it should only a person sees: it is open.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";
import { isComment } from "./comments.ts";
import { isTarget } from "./determined.ts";
import { changedElse, type Judge, success, wrong } from "./judge.ts";
import { isName, normalForm, sameForm } from "./normal-form.ts";

export const judgeUnitTest: Judge = (question) => {
  if (isTarget(question)) return success;
  const { before, answer, row } = question;
  const old = before.named.filter((node) => !isComment(node)).map((node) => normalForm(node));
  let next = 0;
  const added = answer.named.filter((node) => {
    const isOld = next < old.length && sameForm(normalForm(node), old[next]!);
    if (isOld) next++;
    return !isOld && !isComment(node);
  });
  if (next < old.length) return changedElse;
  const tested = row.facts.tested ?? row.name;
  if (!added.some((node) => calls(node, tested))) return wrong(`nothing new calls ${tested}`);
  if (!added.some(({ text }) => asserts.test(text))) return wrong("it asserts nothing");
  return { verdict: "open" };
};

function calls(root: SyntaxNode, name: string): boolean {
  return [...descendants(root)].some((node) => isName(node) && node.text === name);
}

/** As test frameworks of Python and of scripts say it. */
const asserts =
  /\bassert|\bexpect\(|\b(?:t|test|assert)\.\w+\(|\.(?:equal|deepEqual|strictEqual|throws|raises)\(|\braises\(/;
