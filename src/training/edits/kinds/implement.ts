// A function from its comment and its signature. What people wrote is the answer, where what it needs can be
// seen from them.

import { phrasedKind } from "../phrased.ts";
import { loseBody as losePythonBody } from "./python/implement.ts";
import { loseBody } from "./script/implement.ts";

const phrasings = [
  "Implement {name}.",
  "Implement this.",
  "Implement this function.",
  "Implement {name} as documented.",
  "Implement {name} as its documentation says.",
  "Write the body of {name}.",
  "Write the function body.",
  "Write the implementation.",
  "Write {name} so that it does what its comment says.",
  "Fill in the body.",
  "Fill in the body of {name}.",
  "Fill in {name}.",
  "Complete {name}.",
  "Complete the function.",
  "Complete the implementation of {name}.",
  "{name} is not implemented yet, write it.",
  "Finish {name}.",
  "Make {name} do what its documentation says.",
];

export const implement = phrasedKind("implement", phrasings, {
  python: losePythonBody,
  typescript: loseBody,
  javascript: loseBody,
});
