// Every kind of edit that training data can be made of, with its share of the whole. A kind is a file of
// kinds with its phrasings, and one in kinds/LANGUAGE for each language that it has.

import type { EditKind } from "./kind.ts";
import { docstring } from "./kinds/docstring.ts";

export interface WeighedKind {
  readonly kind: EditKind;
  /** A kind of twice the weight gets twice the examples. */
  readonly weight: number;
}

export const editKinds: readonly WeighedKind[] = [{ kind: docstring, weight: 1 }];
