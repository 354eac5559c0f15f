// A promise is not waited for. `{call}` is what is called. Real code gets the bug, so that the fix is what it
// was.

import { phrasedKind } from "../phrased.ts";
import { plantMissingAwait } from "./python/bug-missing-await.ts";
import { loseAwait } from "./script/bug-calls.ts";

const phrasings = [
  "Await the call of {call}.",
  "Await {call}.",
  "An await is missing in {name}.",
  "An await is missing before {call}.",
  "{call} is not awaited.",
  "{call} is asynchronous, await it.",
  "{name} does not wait for {call}.",
  "{name} goes on before {call} is done.",
  "{name} forgets an await.",
  "Add the missing await.",
  "Add the missing await in {name}.",
  "The await before {call} was forgotten.",
  "Wait for {call} to finish.",
  "One call is not awaited in {name}, fix it.",
];

export const bugMissingAwait = phrasedKind("bug-missing-await", phrasings, {
  python: plantMissingAwait,
  typescript: loseAwait,
  javascript: loseAwait,
});
