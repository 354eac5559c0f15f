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
    // Few who only know that something is wrong could find this.
    phrasings: (random.next() < 0.3 ? vagueNowAndThen(random) : undefined) ?? order,
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

const order = [
  "The arguments of {call} are swapped.",
  "The arguments of {call} are swapped, fix it.",
  "The arguments of {call} are in the wrong order.",
  "{call} gets its arguments in the wrong order.",
  "{name} passes the arguments to {call} the wrong way round.",
  "Two arguments are swapped in {name}.",
  "Two arguments are swapped in `{wrong}`.",
  "Swap the arguments in `{wrong}`.",
  "`{wrong}` has its arguments in the wrong order.",
  "`{wrong}` should be `{right}`.",
  "Fix the order of the arguments in {name}.",
  "Fix the order of the arguments of {call}.",
  "Wrong order of arguments: `{wrong}`.",
  "Put the arguments of {call} in the right order.",
];

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
    phrasings: vagueNowAndThen(random) ?? waiting,
  };
}

const waiting = [
  "Await the call of {call}.",
  "Await {call}.",
  "An await is missing in {name}.",
  "An await is missing before {call}.",
  "{call} is not awaited.",
  "{call} is asynchronous, await it.",
  "{name} does not wait for {call}.",
  "{name} goes on before {call} is done.",
  "{name} forgets to await a promise.",
  "Add the missing await.",
  "Add the missing await in {name}.",
  "The await before {call} was forgotten.",
  "Wait for {call} to finish.",
  "One promise is not awaited in {name}, fix it.",
];

export function loseReturn({ root, text }: EditUnit, random: Random): Loss | undefined {
  const own = functionOf(root);
  const block = own === undefined ? undefined : blockOf(own);
  const last = block === undefined ? undefined : statementsOf(block).at(-1);
  const value = last?.type === "return_statement" ? last.named[0] : undefined;
  if (last === undefined || value === undefined || /^(?:undefined|null|this)$/.test(value.text))
    return;
  const returned = value.text.length <= 40 && !value.text.includes("\n") ? value.text : undefined;
  // A call is made without giving its result back; a value by itself is forgotten whole.
  const isCall = /^(?:call|await)_expression$/.test(value.type);
  const lines = wholeLines(text, last);
  const isName = value.type === "identifier" && statementsOf(block!).length > 1;
  if (!(isCall || (isName && lines !== undefined))) return undefined;
  const cut = isCall ? { from: last.from, to: value.from, text: "" } : { ...lines!, text: "" };
  return {
    before: rewritten(text, [cut]),
    facts: { what: "missing-return", returned: value.text },
    ...(returned !== undefined && { words: { returned } }),
    phrasings:
      vagueNowAndThen(random) ?? (returned === undefined ? nothing : [...nothing, ...result]),
  };
}

const nothing = [
  "The return is missing.",
  "A return is missing in {name}.",
  "{name} returns undefined.",
  "{name} always returns undefined, fix it.",
  "{name} returns nothing.",
  "{name} does not return its result.",
  "{name} forgets to return.",
  "Add the missing return.",
  "Add the missing return to {name}.",
  "Return the result.",
  "Fix {name}: its result gets lost.",
  "The result of {name} is never returned.",
];

const result = [
  "{name} should return `{returned}`.",
  "Return `{returned}`.",
  "Return `{returned}` from {name}.",
  "{name} does not return `{returned}`.",
];
