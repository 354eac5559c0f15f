// A bug that is planted in a Python function: one short expression that becomes a wrong one, which an
// instruction can quote because it stands nowhere else.

import type { Random } from "../../../random.ts";
import type { Loss } from "../../phrased.ts";
import { type Replacement, rewritten } from "../../rewrite.ts";
import { vagueNowAndThen } from "../bug-phrasings.ts";

export interface Planted {
  /** What kind of mistake it is, for a judge. */
  readonly what: string;
  /** The expression that is quoted, as it should be. */
  readonly expression: { readonly from: number; readonly to: number };
  /** Within it. */
  readonly change: Replacement;
  readonly words?: Readonly<Record<string, string>>;
  /** Whether the code alone does not show what is wrong. */
  readonly isHidden?: boolean;
}

const quotedMax = 80;

/** Undefined where the wrong expression cannot be quoted. */
export function planted(
  text: string,
  { what, expression, change, words, isHidden = false }: Planted,
  random: Random,
): Loss | undefined {
  const { from, to } = expression;
  const right = text.slice(from, to);
  const wrong = rewritten(right, [{ ...change, from: change.from - from, to: change.to - from }]);
  if (wrong === right || wrong.length > quotedMax || /[\n`]/.test(wrong + right)) return undefined;
  const before = rewritten(text, [change]);
  if (before.split(wrong).length !== 2) return undefined;
  const phrasings = isHidden ? undefined : vagueNowAndThen(random);
  return { before, facts: { what, wrong, right }, ...(words ? { words } : {}), phrasings };
}
