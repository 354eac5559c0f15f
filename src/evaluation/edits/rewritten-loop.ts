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

/** What the first statement gives a name that nothing but the second has, which returns it. */
function valueReturned(first?: SyntaxNode, second?: SyntaxNode): SyntaxNode | undefined {
  if (second?.type !== "return_statement" || second.named.length !== 1) return undefined;
  const [binding] = first?.named ?? [];
  const isBinding = binding !== undefined && bindings.has(binding.type);
  if (!isBinding || first!.named.length > 1) return undefined;
  const name = binding.field("left") ?? binding.field("name");
  const value = binding.field("right") ?? binding.field("value");
  if (!name || !value || binding.field("type") || !isName(name)) return undefined;
  if (second.named[0]!.text !== name.text) return undefined;
  const uses = [...descendants(outermost(second))].filter(
    (node) => isName(node) && node.text === name.text,
  );
  return uses.length === 2 ? value : undefined;
}

const bindings = new Set(["assignment", "variable_declarator"]);

function outermost(node: SyntaxNode): SyntaxNode {
  let root = node;
  while (root.parent !== null) root = root.parent;
  return root;
}

function neighbour(node: SyntaxNode, distance: number): SyntaxNode | undefined {
  const statements = node.parent?.named.filter((one) => !isComment(one)) ?? [];
  return statements[statements.indexOf(node) + distance];
}

/** The parameters and the body of a function that is given away and has no `this` of its own. */
function bareFunction(node: SyntaxNode): readonly SyntaxNode[] | undefined {
  if (isGiven(node)) {
    const parameters = node.field("parameters") ?? node.field("parameter");
    const body = node.field("body");
    const isBare = parameters && body && !more.some((field) => node.field(field));
    return isBare && !/^async\b/.test(node.text) && !hasOwn(node) ? [parameters, body] : undefined;
  }
  if (node.type !== "statement_block" || node.parent === null || !isGiven(node.parent))
    return undefined;
  const [only, ...others] = node.named.filter(
    (one) => !isComment(one) && returned(one) === undefined,
  );
  if (only === undefined || others.length > 0 || only.named.length !== 1) return undefined;
  const isResult = only.type === "return_statement";
  const isAll = isResult || (only.type === "expression_statement" && isForEach(node.parent));
  return isAll ? only.named : undefined;
}

const functions = new Set(["arrow_function", "function_expression"]);
const more = ["name", "return_type", "type_parameters"];

/** Whether it is a function, and what a call has first, as methods of arrays do. */
function isGiven({ type, from, parent }: SyntaxNode): boolean {
  return functions.has(type) && parent?.type === "arguments" && parent.named[0]?.from === from;
}

/** Whether nobody looks at what the function returns. */
function isForEach({ parent }: SyntaxNode): boolean {
  return /\.forEach$/.test(parent?.parent?.field("function")?.text ?? "");
}

/** Whether what is below may mean something else in an arrow than in a function. */
function hasOwn(node: SyntaxNode): boolean {
  const isOwn = ({ type, text }: SyntaxNode) =>
    ["this", "super", "meta_property"].includes(type) || text === "arguments";
  return [...descendants(node)].some(isOwn);
}
