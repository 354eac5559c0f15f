// A bug that can be planted in a unit, one place of it, with the expression as it should be and as it is
// then: it can be quoted where it stands in the unit once.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import { type Replacement, rewritten } from "../../rewrite.ts";

export interface PlantedBug extends Replacement {
  /** What is quoted: it holds the place. */
  readonly node: SyntaxNode;
  /** What a person says who saw what it does. */
  readonly says: readonly string[];
  /** Who reads the code cannot see that it is wrong: it must be told. */
  readonly isHidden?: boolean;
}

const quotedMax = 70;

/** One of the bugs, planted. */
export function plantedIn(text: string, bugs: readonly PlantedBug[], random: Random) {
  const found = bugs.flatMap((bug) => {
    const { node, from, to, says, isHidden = false } = bug;
    const before = rewritten(text, [bug]);
    const right = node.text;
    const wrong = rewritten(right, [
      { from: from - node.from, to: to - node.from, text: bug.text },
    ]);
    const isOnce = before.split(wrong).length === 2;
    const isShort = right.length <= quotedMax && !right.includes("\n");
    return isOnce && isShort ? [{ before, wrong, right, says, isHidden }] : [];
  });
  return found[random.below(found.length)];
}

export const tellingPhrasings: readonly string[] = [
  "`{wrong}` should be `{right}`.",
  "It should be `{right}`, not `{wrong}`.",
  "Change `{wrong}` to `{right}`.",
  "`{wrong}` is wrong, fix it.",
  "`{wrong}` is wrong.",
  "There is a bug in `{wrong}`.",
  "The bug is in `{wrong}`.",
  "Fix `{wrong}` in {name}.",
];
