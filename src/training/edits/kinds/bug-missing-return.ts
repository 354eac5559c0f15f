// A result is not given back. `{nothing}` is what the language gives then. Real code gets the bug, so that
// the fix is what it was.

import { phrasedKind } from "../phrased.ts";
import { plantMissingReturn } from "./python/bug-missing-return.ts";
import { loseReturn } from "./script/bug-calls.ts";

const phrasings = [
  "The return is missing.",
  "A return is missing in {name}.",
  "{name} returns {nothing}.",
  "{name} always returns {nothing}, fix it.",
  "{name} returns nothing.",
  "{name} does not return its result.",
  "{name} forgets to return.",
  "Add the missing return.",
  "Add the missing return to {name}.",
  "Return the result.",
  "Return the result of {name}.",
  "Fix {name}: its result gets lost.",
  "The result of {name} is never returned.",
];

export const bugMissingReturn = phrasedKind("bug-missing-return", phrasings, {
  python: plantMissingReturn,
  typescript: loseReturn,
  javascript: loseReturn,
});
