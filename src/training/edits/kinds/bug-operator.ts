// An operator that is wrong: a comparison the wrong way round, and for or, plus for minus. Real code gets
// the bug, so that the fix is what it was.

import { phrasedKind } from "../phrased.ts";
import { plantOperator } from "./python/bug-operator.ts";
import { loseOperator as scriptLoseOperator } from "./script/bug-operator.ts";

const phrasings = [
  "Fix the wrong operator in {name}.",
  "Fix the operator in `{wrong}`.",
  "`{wrong}` uses the wrong operator.",
  "The operator in `{wrong}` is wrong.",
  "The operator in `{wrong}` is wrong, fix it.",
  "`{wrong}` should be `{right}`.",
  "It should be `{right}`, not `{wrong}`.",
  "Change `{wrong}` to `{right}`.",
  "Replace `{operator}` with `{correct}` in `{wrong}`.",
  "{name} uses `{operator}` where it should use `{correct}`.",
  "`{wrong}` is wrong.",
  "Correct `{wrong}`, it must be `{correct}`.",
  "There is a bug in {name}: `{wrong}` has the wrong operator.",
  "One operator in {name} is wrong, fix it.",
  "The bug is in `{wrong}`.",
  "In {name}, `{operator}` should be `{correct}`.",
];

export const bugOperator = phrasedKind("bug-operator", phrasings, {
  python: plantOperator,
  typescript: scriptLoseOperator,
  javascript: scriptLoseOperator,
});
