// Every kind of edit that training data can be made of, with its share of the whole. A kind is a file of
// kinds with its phrasings, and one in kinds/LANGUAGE for each language that it has.

import type { EditKind } from "./kind.ts";
import { annotations } from "./kinds/annotations.ts";
import { bugOperator } from "./kinds/bug-operator.ts";
import { defaultParameter } from "./kinds/default-parameter.ts";
import { docstring } from "./kinds/docstring.ts";
import { removeDebug } from "./kinds/remove-debug.ts";
import { renameVariable } from "./kinds/rename-variable.ts";

export interface WeighedKind {
  readonly kind: EditKind;
  /** A kind of twice the weight gets twice the examples. */
  readonly weight: number;
}

export const editKinds: readonly WeighedKind[] = [
  { kind: docstring, weight: 1 },
  { kind: annotations, weight: 1 },
  { kind: renameVariable, weight: 1 },
  { kind: defaultParameter, weight: 1 },
  { kind: removeDebug, weight: 1 },
  { kind: bugOperator, weight: 1 },
];
