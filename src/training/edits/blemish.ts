// Something that a person might mend unasked: debug output, dead code, missing types, a bug. Some units keep
// one before and after the edit, so that it is learnt to do what is asked for, and not whatever could be done.

import type { Random } from "../random.ts";
import type { EditKind, EditUnit } from "./kind.ts";
import { annotations } from "./kinds/annotations.ts";
import { bugOperator } from "./kinds/bug-operator.ts";
import { docstring } from "./kinds/docstring.ts";
import { removeDeadCode } from "./kinds/remove-dead-code.ts";
import { removeDebug } from "./kinds/remove-debug.ts";

/** Debug output is most often met, and stands out most. */
const blemishes = [
  removeDebug,
  removeDebug,
  removeDebug,
  annotations,
  removeDeadCode,
  bugOperator,
  docstring,
];

/** The part of the units that get one. */
const share = 0.3;

export interface Blemish {
  /** The kind of edit that would mend it. */
  readonly kind: EditKind;
  /** The unit with it. */
  readonly text: string;
}

/** Undefined for most units, and where the unit cannot have the one that was drawn. */
export function blemishOf(unit: EditUnit, random: Random): Blemish | undefined {
  if (random.next() >= share) return undefined;
  const kind = blemishes[random.below(blemishes.length)]!;
  const reversal = kind.reversals[unit.language]?.(unit, random);
  // Where the target is made too, the text before it is no blemished unit.
  if (reversal === undefined || reversal.after !== undefined) return undefined;
  return { kind, text: reversal.before.replace(/\n+$/, "") };
}
