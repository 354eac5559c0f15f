// Which judge each kind of edit has. One that is not listed has a determined result: an answer is right
// when it is the target.

import { judgeAnnotations } from "./annotations.ts";
import { judgeConstant } from "./constant.ts";
import { judgeDetermined, judgeRename } from "./determined.ts";
import { judgeDocstring } from "./docstring.ts";
import { judgeErrorHandling } from "./error-handling.ts";
import { judgeImplement, judgeOpen } from "./implement.ts";
import type { Judge } from "./judge.ts";
import { judgeRewrittenLoop } from "./rewritten-loop.ts";
import { judgeUnitTest } from "./unit-test.ts";

const judges: Readonly<Record<string, Judge>> = {
  docstring: judgeDocstring,
  annotations: judgeAnnotations,
  constant: judgeConstant,
  "error-handling": judgeErrorHandling,
  comprehension: judgeRewrittenLoop,
  loop: judgeRewrittenLoop,
  implement: judgeImplement,
  "unit-test": judgeUnitTest,
  commit: judgeOpen,
  "rename-variable": judgeRename,
  "rename-function": judgeRename,
  "rename-parameter": judgeRename,
  "rename-class": judgeRename,
};

export function judgeOf(kind: string): Judge {
  return Object.hasOwn(judges, kind) ? judges[kind]! : judgeDetermined;
}

/** Kinds of which there are right answers that neither the target nor a property tells. */
const openKinds: ReadonlySet<string> = new Set(["implement", "unit-test", "commit"]);

export function isOpenKind(kind: string): boolean {
  return openKinds.has(kind);
}
