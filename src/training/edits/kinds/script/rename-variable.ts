// Gives a variable, a parameter, a function or a class of TypeScript or JavaScript a name to be renamed
// from; the name that its author chose is what it is to get back.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { oldName } from "../old-name.ts";
import { type Binding, bindingsOf, wordsOf } from "./bindings.ts";
import { ofType } from "./nodes.ts";

export function loseVariableName({ root, text }: EditUnit, random: Random): Loss | undefined {
  const variables = bindingsOf(root).filter(
    ({ kind, uses, name }) =>
      kind === "variable" && uses.length > 1 && uses.length <= 16 && isGood(name),
  );
  if (variables.length === 0) return undefined;
  const chosen = variables[random.below(variables.length)]!;
  // Comments speak of it, and would be renamed by one person and left by another.
  if (isMentioned(root, chosen.name)) return undefined;
  return renamed(text, chosen, "variable", random);
}

/** The binding under another name, as the facts of a rename tell. */
export function renamed(
  text: string,
  { name, uses }: Pick<Binding, "name" | "uses">,
  what: string,
  random: Random,
  taken: ReadonlySet<string> = wordsOf(text),
): Loss | undefined {
  const from = oldName(name, taken, random);
  if (from === undefined) return undefined;
  const before = rewritten(
    text,
    uses.map((node) => ({ from: node.from, to: node.to, text: from })),
  );
  return { before, facts: { from, to: name, what } };
}

/** A name that says something. */
export function isGood(name: string): boolean {
  return (
    name.length >= 3 &&
    !/^_|\d$/.test(name) &&
    !/^(?:tmp|temp|foo|bar|baz|val|res|ret|obj|arr)$/.test(name)
  );
}

export function isMentioned(root: SyntaxNode, name: string): boolean {
  const word = new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`);
  return ofType(root, "comment").some((comment) => word.test(comment.text));
}
