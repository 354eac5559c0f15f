// A loop that became a comprehension or a call with a function, or one of those that became a loop. The
// target is one way to write it: what is returned may have a name first, and a function may be an arrow.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";
import { isComment } from "./comments.ts";
import { judgeDeterminedButNames, namesGiven, sameButNames } from "./determined.ts";
import { type Judge, success } from "./judge.ts";
import { isName, normalForm } from "./normal-form.ts";

export const judgeRewrittenLoop: Judge = (question) => {
  const judgement = judgeDeterminedButNames(question);
  if (judgement.verdict === "success") return judgement;
  const [target, answer] = [question.target, question.answer].map((root) =>
    normalForm(root, { adjust: (node) => returned(node) ?? bareFunction(node) }),
  ) as [string[], string[]];
  return sameButNames(target, answer, namesGiven(question)) ? success : judgement;
};

/** `x = [...]` and `return x` behind it, as `return [...]`. */
function returned(node: SyntaxNode): readonly SyntaxNode[] | undefined {
  if (node.parent?.type === "return_statement" && isName(node)) {
    const value = valueReturned(neighbour(node.parent, -1), node.parent);
    return value && [value];
  }
  return valueReturned(node, neighbour(node, 1)) && [];
}

/** What the first statement gives a name that the second does nothing but return. */
function valueReturned(first?: SyntaxNode, second?: SyntaxNode): SyntaxNode | undefined {
  if (second?.type !== "return_statement" || second.named.length !== 1) return undefined;
  const [binding] = first?.named ?? [];
  if (binding === undefined || !bindings.has(binding.type) || first!.named.length > 1)
    return undefined;
  const name = binding.field("left") ?? binding.field("name");
  const value = binding.field("right") ?? binding.field("value");
  if (!name || !value || binding.field("type") || !isName(name)) return undefined;
  if (second.named[0]!.text !== name.text) return undefined;
  const isOwn = [...descendants(value)].some((node) => isName(node) && node.text === name.text);
  return isOwn ? undefined : value;
}

const bindings = new Set(["assignment", "variable_declarator"]);

function neighbour(node: SyntaxNode, distance: number): SyntaxNode | undefined {
  const statements = node.parent?.named.filter((one) => !isComment(one)) ?? [];
  return statements[statements.indexOf(node) + distance];
}

/** The parameters and the body of a function that is given away and has no `this` of its own. */
function bareFunction(node: SyntaxNode): readonly SyntaxNode[] | undefined {
  if (node.parent?.type === "arguments" && functions.has(node.type)) {
    const parameters = node.field("parameters") ?? node.field("parameter");
    const body = node.field("body");
    const isBare = parameters && body && !node.field("name") && !/^async\b/.test(node.text);
    return isBare && !hasOwn(node) ? [parameters, body] : undefined;
  }
  const isBody = node.parent !== null && functions.has(node.parent.type);
  if (!isBody || node.type !== "statement_block") return undefined;
  const [only, ...others] = node.named.filter((one) => !isComment(one));
  if (only === undefined || others.length > 0 || only.named.length !== 1) return undefined;
  const isResult = only.type === "return_statement";
  const isAll = isResult || (only.type === "expression_statement" && isForEach(node.parent!));
  return isAll ? only.named : undefined;
}

/** Whether nobody looks at what the function returns. */
function isForEach({ parent }: SyntaxNode): boolean {
  return /\.forEach$/.test(parent?.parent?.field("function")?.text ?? "");
}

const functions = new Set(["arrow_function", "function_expression"]);

/** Whether what is below may mean something else in an arrow than in a function. */
function hasOwn(node: SyntaxNode): boolean {
  return [...descendants(node)].some(({ type, text }) => type === "this" || text === "arguments");
}
