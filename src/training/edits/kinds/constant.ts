// A number or a text that stands in the code gets a name. `{name}` is the constant here, `{value}` what it
// is for.

import { phrasedKind } from "../phrased.ts";
import { loseConstant as losePythonConstant } from "./python/constant.ts";
import { loseConstant } from "./script/constant.ts";

const phrasings = [
  "Extract {value} into a constant {name}.",
  "Extract {value} into a constant called {name}.",
  "Extract the magic value {value} to {name}.",
  "Replace {value} with a constant {name}.",
  "Replace the literal {value} with a named constant, {name}.",
  "Give {value} a name: {name}.",
  "Give {value} the name {name}.",
  "Introduce a constant {name} for {value}.",
  "Introduce the constant {name} = {value}.",
  "Make {value} a constant named {name}.",
  "Move {value} into a constant {name}.",
  "Pull {value} out into {name}.",
  "Put {value} into a constant {name} and use it.",
  "Name the value {value} {name}.",
  "Use a constant {name} instead of {value}.",
  "{value} should be a constant called {name}.",
  "Don't hard-code {value}, use a constant {name}.",
];

export const constant = phrasedKind("constant", phrasings, {
  python: losePythonConstant,
  typescript: loseConstant,
  javascript: loseConstant,
});
