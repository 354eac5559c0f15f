// A Python variable or parameter gets another name at every use of it. Keyword arguments that others pass
// are out of sight: a parameter is renamed where the instruction names it.

import { otherName } from "../../names.ts";
import type { Lose, Loss } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { type LocalName, localNames, wordsOf } from "./scopes.ts";
import { functionOf } from "./structure.ts";

/** With fewer there is nothing to be consistent in. */
const usesMin = 2;

export const renameLocal =
  (what: LocalName["what"]): Lose =>
  (unit, random) => {
    const definition = functionOf(unit);
    if (definition === undefined) return undefined;
    const locals = localNames(definition).filter(
      (local) => local.what === what && local.uses.length >= usesMin,
    );
    const local = locals[random.below(locals.length)];
    if (local === undefined) return undefined;
    const other = otherName(local.name, wordsOf(unit.text), random, "snake_case");
    if (other === undefined) return undefined;
    return renaming(unit.text, local, other, random.next() < 0.5);
  };

/** Back to the name that it has, or forth to another one. */
export function renaming(
  text: string,
  { name, what, uses }: { name: string; what: string; uses: LocalName["uses"] },
  other: string,
  back: boolean,
): Loss {
  const renamed = rewritten(
    text,
    uses.map(({ from, to }) => ({ from, to, text: other })),
  );
  return back
    ? { before: renamed, facts: { from: other, to: name, what } }
    : { before: text, after: renamed, facts: { from: name, to: other, what } };
}
