// A Python coroutine loses one `await`. Which call it is must be said, or be the only one that could be
// meant.

import type { Lose } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { vagueNowAndThen } from "../bug-phrasings.ts";
import { functionOf, ownNodes } from "./structure.ts";

const quotedMax = 60;

export const plantMissingAwait: Lose = (unit, random) => {
  const definition = functionOf(unit);
  if (definition === undefined) return undefined;
  const nodes = [...ownNodes(definition)];
  const awaits = nodes.filter(({ type, named }) => type === "await" && named[0]?.type === "call");
  const node = awaits[random.below(awaits.length)];
  const call = node?.named[0];
  if (!node || !call) return undefined;
  const called = call.field("function")!.text;
  const before = rewritten(unit.text, [{ from: node.from, to: call.from, text: "" }]);
  const isQuotable = call.text.length <= quotedMax && !/[\n`]/.test(call.text);
  const isOne = before.split(call.text).length === 2;
  if (!isQuotable || !isOne || called.length > 40) return undefined;
  // Of several calls any might be meant.
  const isOnly = nodes.filter(({ type }) => type === "call").length === 1;
  const phrasings = isOnly ? vagueNowAndThen(random) : tellingPhrasings;
  const facts = { what: "missing-await", wrong: call.text, right: node.text };
  return { before, facts, words: { call: called }, phrasings };
};

const tellingPhrasings = [
  "Await {call}.",
  "Await `{wrong}`.",
  "Await {call} in {name}.",
  "Add the missing await before `{wrong}`.",
  "`{wrong}` is not awaited.",
  "`{wrong}` is never awaited, fix it.",
  "{call} is not awaited.",
  "{call} is asynchronous, await it.",
  "{name} does not wait for {call}.",
  "{name} forgets to await {call}.",
  "An await is missing before `{wrong}`.",
  "The call of {call} needs an await.",
  "The coroutine `{wrong}` was never awaited.",
];
