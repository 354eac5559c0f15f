// An error of one: a loop that goes too far, a bound on the wrong side. Real code gets the bug, so that the
// fix is what it was.

import { phrasedKind } from "../phrased.ts";
import { plantOffByOne } from "./python/bug-off-by-one.ts";
import { loseOne } from "./script/bug-off-by-one.ts";

const phrasings = [
  "Fix the off-by-one error.",
  "Fix the off-by-one error in {name}.",
  "There is an off-by-one error in {name}.",
  "There is an off-by-one error in {name}, fix it.",
  "{name} is off by one.",
  "Off by one in {name}.",
  "`{wrong}` is off by one.",
  "`{wrong}` should be `{right}`.",
  "It should be `{right}`, not `{wrong}`.",
  "Change `{wrong}` to `{right}`.",
  "`{wrong}` is wrong, fix it.",
  "Correct `{wrong}`.",
  "The bug is in `{wrong}`.",
  "Fix `{wrong}` in {name}.",
];

export const bugOffByOne = phrasedKind("bug-off-by-one", phrasings, {
  python: plantOffByOne,
  typescript: loseOne,
  javascript: loseOne,
});
