// A docstring or doc comment that was asked for: it stands in its place, says more than the name and the
// instruction do, and all else is as it was. Whether it is true no program can tell.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";
import { docstringOf } from "../../training/edits/kinds/python/structure.ts";
import { hasWords, saysMore } from "../../training/edits/said-words.ts";
import { type Comment, commentsOf } from "./comments.ts";
import { changedElse, type Judge, type Judgement, type Question, success, wrong } from "./judge.ts";
import { normalForm, sameForm } from "./normal-form.ts";

export const judgeDocstring: Judge = (question) => {
  return question.row.language === "python" ? inPython(question) : inScript(question);
};

const missing = wrong("there is none in its place");

function inPython({ before, target, answer, row }: Question): Judgement {
  const [old, asked, given] = [before, target, answer].map(definitionsOf) as SyntaxNode[][];
  const added = asked!.flatMap((definition, at) => {
    const isNew = docstringOf(definition) !== undefined && !hasDocstring(old![at]);
    return isNew ? [given![at]] : [];
  });
  const docstrings = added.map((definition) => definition && docstringOf(definition));
  if (docstrings.includes(undefined)) return missing;
  const found = new Set(docstrings as SyntaxNode[]);
  // A body of nothing else had a statement in the docstring's place.
  const form = (root: SyntaxNode) =>
    normalForm(root, {
      adjust: (node) => (found.has(node) || node.type === "pass_statement" ? [] : undefined),
    });
  if (!sameForm(form(before), form(answer))) return changedElse;
  const saying = [...found].map(({ text }) => text.replace(/^[a-zA-Z]?["']+|["']+$/g, ""));
  return judgeWords(saying, row);
}

function definitionsOf(root: SyntaxNode): SyntaxNode[] {
  const types = new Set(["function_definition", "class_definition"]);
  return [...descendants(root)].filter(({ type }) => types.has(type));
}

function hasDocstring(definition: SyntaxNode | undefined): boolean {
  return definition !== undefined && docstringOf(definition) !== undefined;
}

function inScript({ before, target, answer, row }: Question): Judgement {
  if (!sameForm(normalForm(before), normalForm(answer))) return changedElse;
  const old = commentsOf(before);
  const asked = addedTo(old, commentsOf(target));
  const given = addedTo(old, commentsOf(answer));
  if (asked === undefined || given === undefined) return changedElse;
  const isThere = asked.every(({ place }) =>
    given.some((one) => one.place === place && one.text.startsWith("/**")),
  );
  if (!isThere) return missing;
  if (given.length > asked.length) return changedElse;
  return judgeWords(
    given.map(({ text }) => text),
    row,
  );
}

/** The comments that are new; undefined where an old one is gone. */
function addedTo(old: readonly Comment[], all: readonly Comment[]): Comment[] | undefined {
  let next = 0;
  const added = all.filter((comment) => {
    const isOld = comment.text === old[next]?.text && comment.place === old[next]?.place;
    if (isOld) next++;
    return !isOld;
  });
  return next === old.length ? added : undefined;
}

function judgeWords(texts: readonly string[], { name, instruction }: Question["row"]): Judgement {
  const own = name.slice(name.lastIndexOf(".") + 1);
  if (!texts.every(hasWords)) return wrong("it is empty");
  const says = texts.every((text) => saysMore(text, `${own} ${instruction}`));
  return says ? success : wrong("it says no more than the name and the instruction");
}
