// Plants bugs of calls in TypeScript and JavaScript: two arguments swapped, an "await" forgotten, a result
// that is not given back.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten, wholeLines } from "../../rewrite.ts";
import { vagueNowAndThen } from "../bug-phrasings.ts";
import { blockOf, functionOf, ofType, statementsOf } from "./nodes.ts";
import { type PlantedBug, plantedIn } from "./planted-bug.ts";

/** Calls whose arguments have no order, or one that nobody sees. */
const unordered =
  /(?:^|\.)(?:max|min|imul|hypot|is|equals?|isEqual|deepEqual|strictEqual|log|info|warn|error|debug|trace|push|unshift|add|union|concat|merge|all|race|and|or|pipe|join|some|every|same|intersects?|swap|distance|dot|gcd|lcm)$/i;

export function loseOrder({ root, text }: EditUnit, random: Random): Loss | undefined {
  const bugs = ofType(root, "call_expression", "new_expression").flatMap(swapped);
  const planted = plantedIn(text, bugs, random);
  if (planted === undefined) return undefined;
  const { before, wrong, right } = planted;
  const call = /^(?:new\s+)?[\w$.#]+/.exec(right)?.[0] ?? right;
  return {
    before,
    facts: { what: "swapped-arguments", wrong, right },
    words: { call },
  };
}

/** Two arguments that stand side by side and are no constants of the same sort. */
function swapped(node: SyntaxNode): PlantedBug[] {
  const called = (node.field("function") ?? node.field("constructor"))?.text ?? "";
  const given = node.field("arguments")?.named ?? [];
  if (given.length < 2 || given.length > 4 || unordered.test(called)) return [];
  if (!/^[\w$.#]+$/.test(called) || called === "super") return [];
  return given.slice(1).flatMap((second, at): PlantedBug[] => {
    const first = given[at]!;
    if (!isPlain(first) || !isPlain(second) || first.text === second.text) return [];
    const between = node.text.slice(first.to - node.from, second.from - node.from);
    const text = second.text + between + first.text;
    return [{ node, from: first.from, to: second.to, text, says: [] }];
  });
}

function isPlain({ type }: SyntaxNode): boolean {
  return /^(?:identifier|member_expression|number|string|this|subscript_expression)$/.test(type);
}

export function loseAwait({ root, text }: EditUnit, random: Random): Loss | undefined {
  const bugs = ofType(root, "await_expression").flatMap((node): PlantedBug[] => {
    const value = node.named[0];
    const owner = node.parent?.type ?? "";
    // What is returned is waited for by who called; in brackets it is a part of something else.
    const isSure = /^(?:expression_statement|variable_declarator|assignment_expression)$/.test(
      owner,
    );
    if (value?.type !== "call_expression" || !isSure) return [];
    return [{ node, from: node.from, to: value.from, text: "", says: [] }];
  });
  const found = bugs[random.below(bugs.length)];
  if (found === undefined) return undefined;
  const value = found.node.named[0]!;
  const call = value.field("function")?.text ?? "";
  if (!/^[\w$.#]{2,50}$/.test(call) || text.split(`${call}(`).length !== 2) return undefined;
  return {
    before: rewritten(text, [found]),
    facts: { what: "missing-await", call },
    words: { call },
    phrasings: vagueNowAndThen(random),
  };
}

export function loseReturn({ root, text }: EditUnit, random: Random): Loss | undefined {
  const own = functionOf(root);
  const block = own === undefined ? undefined : blockOf(own);
  const last = block === undefined ? undefined : statementsOf(block).at(-1);
  const value = last?.type === "return_statement" ? last.named[0] : undefined;
  if (last === undefined || value === undefined || /^(?:undefined|null|this)$/.test(value.text))
    return;
  const isShort = value.text.length <= 40 && !value.text.includes("\n");
  // A call is made without giving its result back; a value by itself is forgotten whole.
  const isCall = /^(?:call|await)_expression$/.test(value.type);
  const lines = wholeLines(text, last);
  const isName = value.type === "identifier" && statementsOf(block!).length > 1;
  if (!(isCall || (isName && lines !== undefined))) return undefined;
  const cut = isCall ? { from: last.from, to: value.from, text: "" } : { ...lines!, text: "" };
  return {
    before: rewritten(text, [cut]),
    facts: { what: "missing-return", returned: value.text },
    words: { nothing: "undefined" },
    phrasings: vagueNowAndThen(random) ?? (isShort && random.next() < 0.3 ? result : undefined),
  };
}

const result = [
  "{name} should return `{returned}`.",
  "Return `{returned}`.",
  "Return `{returned}` from {name}.",
  "{name} does not return `{returned}`.",
  "At the end {name} should return `{returned}`.",
  "The result is `{returned}`, return it.",
  "`{returned}` is what {name} should return.",
  "Make {name} return `{returned}`.",
  "Let {name} return `{returned}`.",
  "The return of `{returned}` is missing.",
  "`{returned}` is computed and not returned.",
  "Add the missing return of `{returned}`.",
];
