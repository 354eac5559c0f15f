// The last statement of a Python function is its only return and goes: the word alone, or all of it where
// what is returned is a variable.

import type { Lose } from "../../phrased.ts";
import { rewritten, wholeLines } from "../../rewrite.ts";
import { vagueNowAndThen } from "../bug-phrasings.ts";
import { localNames } from "./scopes.ts";
import { functionOf, ownNodes, statementsOf } from "./structure.ts";

const resultMax = 60;

export const plantMissingReturn: Lose = (unit, random) => {
  const definition = functionOf(unit);
  const last = definition && statementsOf(definition).at(-1);
  if (last?.type !== "return_statement" || statementsOf(definition!).length < 2) return undefined;
  const nodes = [...ownNodes(definition!)];
  if (nodes.some((node) => node.type === "yield" || isOtherReturn(node))) return undefined;
  const value = last.named[0];
  if (value === undefined || /^(?:None|True|False|self)$/.test(value.text)) return undefined;
  const result = value.text;
  const isVariable = localNames(definition!).some(({ name }) => name === result);
  const lines = wholeLines(unit.text, last);
  const goes = isVariable && lines !== undefined && random.next() < 0.8;
  if (!goes && value.type !== "call") return undefined;
  const change = goes ? { ...lines!, text: "" } : { from: last.from, to: value.from, text: "" };
  const before = rewritten(unit.text, [change]);
  const isShort = result.length <= resultMax && !result.includes("\n");
  const phrasings = vagueNowAndThen(random) ?? (isShort ? toldPhrasings : undefined);
  const facts = isShort ? { what: "missing-return", result } : { what: "missing-return" };
  return {
    before,
    facts,
    words: { result: `\`${result}\``, nothing: "None" },
    phrasings,
  };

  function isOtherReturn(node: { type: string }): boolean {
    return node.type === "return_statement" && node !== last;
  }
};

const toldPhrasings = [
  "Return {result} at the end.",
  "Return {result}.",
  "{name} should return {result}.",
  "{name} forgets to return {result}.",
  "{name} always returns None, it should return {result}.",
  "{name} does not return {result}, fix it.",
  "{name} does not return its result.",
  "{name} returns None.",
  "Fix the missing return in {name}.",
  "The return is missing in {name}.",
  "Add the missing return.",
  "Add the missing return of {result}.",
  "Why does {name} return nothing? Fix it.",
];
