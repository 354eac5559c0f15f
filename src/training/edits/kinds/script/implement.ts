// Takes the body of a function of TypeScript or JavaScript away and leaves its comment and signature: what
// it is to do is what they say.

import { isBuiltIn } from "../../../../syntax/built-ins.ts";
import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { indentAt, rewritten } from "../../rewrite.ts";
import { freeNames } from "./bindings.ts";
import { blockOf, functionOf, ofType, statementsOf, styleOf } from "./nodes.ts";

const statementsMax = 6;
const linesMax = 14;

export function loseBody({ root, text, language }: EditUnit, random: Random): Loss | undefined {
  const own = functionOf(root);
  const block = own === undefined ? undefined : blockOf(own);
  const comment = root.named.find(({ type }) => type === "comment");
  if (own === undefined || block === undefined || comment === undefined) return undefined;
  if (!isTelling(comment.text) || comment.from > block.from) return undefined;
  const count = statementsOf(block).length;
  const lines = block.text.split("\n").length;
  if (count === 0 || count > statementsMax || lines < 3 || lines > linesMax) return undefined;
  if (/not implemented|deprecated/i.test(text) || !isKnown(root, own, comment, language))
    return undefined;
  const { end, step, quote } = styleOf(text);
  const outer = indentAt(text, block.from);
  const stub = stubs(quote, end)[random.below(stubs(quote, end).length)]!;
  const body = stub === "" ? "{}" : `{\n${outer}${step}${stub}\n${outer}}`;
  return { before: rewritten(text, [{ from: block.from, to: block.to, text: body }]) };
}

function stubs(quote: string, end: string): string[] {
  const thrown = (said: string) => `throw new Error(${quote}${said}${quote})${end}`;
  return [
    "",
    "",
    "// TODO",
    "// TODO: implement",
    thrown("Not implemented"),
    thrown("not implemented"),
  ];
}

/** A doc comment with a sentence or two. */
function isTelling(comment: string): boolean {
  return (
    comment.startsWith("/**") &&
    !/https?:/.test(comment) &&
    (comment.match(/[A-Za-z]{2,}/g)?.length ?? 0) >= 6
  );
}

/**
 * Whether the body can be written by who sees only the comment and the signature: it uses what they
 * name and what the language brings, and few members of its own object.
 */
function isKnown(
  root: SyntaxNode,
  own: SyntaxNode,
  comment: SyntaxNode,
  language: string,
): boolean {
  const signature = own.parent?.text.slice(0, own.field("body")!.from - own.parent.from) ?? "";
  const named = new Set(`${comment.text} ${signature}`.match(/[A-Za-z_$][\w$]*/g));
  for (const name of freeNames(root)) {
    if (!named.has(name) && !isBuiltIn(language, name)) return false;
  }
  const members = ofType(own, "member_expression").filter(
    ({ named: [object] }) => object?.type === "this",
  );
  const unknown = new Set(members.map((node) => node.field("property")?.text ?? ""));
  return [...unknown].filter((name) => !named.has(name)).length <= 1;
}
