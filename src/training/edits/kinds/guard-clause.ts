// A case that is dealt with at once, by an early return, raise or continue: one that is missing, or what
// stands nested instead of it.

import { phrasedKind } from "../phrased.ts";
import { loseGuard } from "./python/guard-clause.ts";
import { loseGuard as loseScriptGuard } from "./script/guard-clause.ts";

/** `{action}` is what is done then: "return None", "raise ValueError(...)". */
const phrasings = [
  "Add a guard clause: if {condition}, {action}.",
  "Add a check {where}: if {condition}, {action}.",
  "Add an early exit to {name}: {action} if {condition}.",
  "If {condition}, {action} {where}.",
  "When {condition}, {action} {where}.",
  "In {name}, {action} if {condition}.",
  "In {name}, {action} early when {condition}.",
  "Check {where} whether {condition} and {action} then.",
  "Check for `{condition}` {where} and {action}.",
  "Handle the case {condition} {where}: {action}.",
  "{name} should {action} if {condition}.",
  "{name} should {action} when {condition}, {where}.",
  "{action} if {condition}, before anything else",
  "Guard against {condition}: {action} {where}.",
];

export const guardClause = phrasedKind("guard-clause", phrasings, {
  typescript: loseScriptGuard,
  javascript: loseScriptGuard,
  python: loseGuard,
});
