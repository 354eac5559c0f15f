// Every kind of edit that training data can be made of, with its share of the whole. A kind is a file of
// kinds with its phrasings, and one in kinds/LANGUAGE for each language that it has.

import type { EditKind } from "./kind.ts";
import { addParameter } from "./kinds/add-parameter.ts";
import { annotations } from "./kinds/annotations.ts";
import { bugMissingAwait } from "./kinds/bug-missing-await.ts";
import { bugMissingReturn } from "./kinds/bug-missing-return.ts";
import { bugOffByOne } from "./kinds/bug-off-by-one.ts";
import { bugOperator } from "./kinds/bug-operator.ts";
import { bugSwappedArguments } from "./kinds/bug-swapped-arguments.ts";
import { bugVariable } from "./kinds/bug-variable.ts";
import { commit } from "./kinds/commit.ts";
import { comprehension } from "./kinds/comprehension.ts";
import { constant } from "./kinds/constant.ts";
import { defaultParameter } from "./kinds/default-parameter.ts";
import { docstring } from "./kinds/docstring.ts";
import { errorHandling } from "./kinds/error-handling.ts";
import { guardClause } from "./kinds/guard-clause.ts";
import { implement } from "./kinds/implement.ts";
import { logging } from "./kinds/logging.ts";
import { loop } from "./kinds/loop.ts";
import { nothingToDo } from "./kinds/nothing-to-do.ts";
import { removeDeadCode } from "./kinds/remove-dead-code.ts";
import { removeDebug } from "./kinds/remove-debug.ts";
import { removeUnusedImport } from "./kinds/remove-unused-import.ts";
import { renameClass } from "./kinds/rename-class.ts";
import { renameFunction } from "./kinds/rename-function.ts";
import { renameParameter } from "./kinds/rename-parameter.ts";
import { renameVariable } from "./kinds/rename-variable.ts";
import { stringTemplate } from "./kinds/string-template.ts";
import { unitTest } from "./kinds/unit-test.ts";

export interface WeighedKind {
  readonly kind: EditKind;
  /** A kind of twice the weight gets twice the examples. */
  readonly weight: number;
}

export const editKinds: readonly WeighedKind[] = [
  { kind: docstring, weight: 1 },
  { kind: annotations, weight: 1 },
  { kind: renameVariable, weight: 1 },
  { kind: renameParameter, weight: 1 },
  { kind: renameFunction, weight: 1 },
  { kind: renameClass, weight: 0.7 },
  { kind: errorHandling, weight: 1 },
  { kind: logging, weight: 1 },
  { kind: guardClause, weight: 1 },
  { kind: comprehension, weight: 1 },
  { kind: loop, weight: 1 },
  { kind: stringTemplate, weight: 1 },
  { kind: defaultParameter, weight: 1 },
  { kind: addParameter, weight: 1 },
  { kind: removeDebug, weight: 1 },
  { kind: bugOperator, weight: 1 },
  { kind: constant, weight: 1 },
  { kind: removeDeadCode, weight: 1 },
  { kind: removeUnusedImport, weight: 1 },
  { kind: bugOffByOne, weight: 1 },
  { kind: bugVariable, weight: 1 },
  { kind: bugSwappedArguments, weight: 1 },
  { kind: bugMissingAwait, weight: 1 },
  { kind: bugMissingReturn, weight: 1 },
  { kind: implement, weight: 1 },
  { kind: nothingToDo, weight: 1 },
  { kind: unitTest, weight: 0.5 },
  { kind: commit, weight: 0.5 },
];
