// What is done when something fails. The instruction says which error is caught, what happens then and,
// where that is not all of the function, around what.

import { phrasedKind } from "../phrased.ts";
import { loseHandling } from "./python/error-handling.ts";
import { loseErrorHandling as loseScriptHandling } from "./script/error-handling.ts";

/** `{around}` is "" or " around `open(path)`"; `{action}` is what happens: "return None". */
const phrasings = [
  "Catch {exception}{around} and {action}.",
  "Catch {exception}{around}: {action}.",
  "Handle {exception}{around}: {action}.",
  "Handle {exception}{around} and {action}.",
  "Add error handling{around}: on {exception}, {action}.",
  "Add a try{around} that catches {exception}, then {action}.",
  "On {exception}{around}, {action}.",
  "If {exception} is raised{around}, {action}.",
  "When {exception} occurs{around}, {action}.",
  "In case of {exception}{around}, {action}.",
  "In {name}, catch {exception}{around} and {action}.",
  "{name} should catch {exception}{around} and {action}.",
  "{name} should not fail with {exception}{around}, {action} instead.",
  "Put a try{around}. On {exception}, {action}.",
  "Make {name} handle {exception}{around}: {action}.",
];

export const errorHandling = phrasedKind("error-handling", phrasings, {
  typescript: loseScriptHandling,
  javascript: loseScriptHandling,
  python: loseHandling,
});
