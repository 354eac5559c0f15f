// Plants code in TypeScript or JavaScript that does nothing: what stands behind a return, what is never
// true, a variable that nobody reads, a line that is commented out. It is to be removed again.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { type Binding, bindingsOf, wordsOf } from "./bindings.ts";
import { ancestor, ofType, type Style, statementsOf, styleOf } from "./nodes.ts";
import { type Place, placesIn } from "./places.ts";

interface Planted {
  /** A place's own line and what is put before it. */
  readonly at: number;
  readonly lines: readonly string[];
  readonly words: Readonly<Record<string, string>>;
  readonly phrasings: readonly string[] | undefined;
}

type Plant = (place: Place, text: string, style: Style, random: Random) => Planted | undefined;

export function loseTidiness({ root, text }: EditUnit, random: Random): Loss | undefined {
  const places = placesIn(root, text).filter(({ statement }) => isShort(statement));
  if (places.length === 0 || hasDeadCode(root) || /^\s*\/\/.*[;{}]\s*$|if \(false\)/m.test(text))
    return undefined;
  const place = places[random.below(places.length)]!;
  const planted = plants[random.below(plants.length)]!(place, text, styleOf(text), random);
  if (planted === undefined) return undefined;
  const { at, words, phrasings } = planted;
  const lines = planted.lines.map((line) => `${place.indent}${line}`);
  const before = rewritten(text, [{ from: at, to: at, text: `${lines.join("\n")}\n` }]);
  return { before, facts: { what: planted.lines.join("\n") }, words, phrasings };
}

/** Whether there is a variable that nobody reads, or code behind an exit: it would be meant too. */
function hasDeadCode(root: SyntaxNode): boolean {
  const isUnread = ({ kind, node, uses }: Binding) =>
    /^(?:variable|function)$/.test(kind) &&
    ancestor(node, ({ type }) => type === "statement_block") !== undefined &&
    !/^(?:for_in_statement|function_expression)$/.test(node.parent!.type) &&
    uses.every((use) => use === node || isOnlyWritten(use));
  if (bindingsOf(root).some(isUnread)) return true;
  return ofType(root, "statement_block").some((block) => {
    const statements = statementsOf(block);
    const exit = statements.findIndex(({ type }) => /^(?:return|throw)_statement$/.test(type));
    const behind = exit < 0 ? [] : statements.slice(exit + 1);
    return behind.some(({ type }) => !/^(?:generator_)?function_declaration$/.test(type));
  });
}

function isOnlyWritten(use: SyntaxNode): boolean {
  const { parent } = use;
  if (parent?.type !== "assignment_expression") return false;
  return parent.field("left") === use && parent.parent?.type === "expression_statement";
}

function isShort({ text }: SyntaxNode): boolean {
  return text.length <= 80 && !text.includes("\n");
}

/** Behind the return that ends a block: a copy of what stands before it, or another return. */
const unreachable: Plant = ({ statement }, text, { end }) => {
  const block = statement.parent!;
  const statements = statementsOf(block);
  const last = statements.at(-1)!;
  if (!/^(?:return|throw)_statement$/.test(last.type)) return undefined;
  const newline = text.indexOf("\n", last.to);
  if (newline < 0 || text.slice(last.to, newline).trim() !== "") return undefined;
  const isCopy = /^(?:expression|return)_statement$/.test(statement.type) && statement !== last;
  const line = isCopy
    ? statement.text
    : `return ${last.type === "throw_statement" ? "null" : "undefined"}${end}`;
  return { at: newline + 1, lines: [line], words: {}, phrasings: behind };
};

const never: Plant = ({ at, statement }, _text, { step }, random) => {
  if (!/^(?:expression|return|throw)_statement$/.test(statement.type)) return undefined;
  const condition = ["false", "false", "0", "false && true", "1 > 2"][random.below(5)]!;
  const lines = [`if (${condition}) {`, `${step}${statement.text}`, "}"];
  return { at, lines, words: {}, phrasings: branch };
};

const unread: Plant = ({ at, names }, text, { end, quote }, random) => {
  const taken = wordsOf(text);
  const free = [
    "temp",
    "unused",
    "tmp",
    "flag",
    "counter",
    "result",
    "start",
    "old",
    "data",
    "message",
  ];
  const [variable] = free.filter((name) => !taken.has(name)).slice(random.below(6));
  const name = names[random.below(names.length)];
  if (variable === undefined) return undefined;
  const values = ["0", "false", "null", "[]", "{}", "Date.now()", `${quote}${quote}`];
  const ofName =
    name === undefined ? values : [name, `[${name}]`, `{ ${name} }`, `!${name}`, `String(${name})`];
  const all = random.next() < 0.7 ? ofName : values;
  const word = random.next() < 0.8 ? "const" : "let";
  const line = `${word} ${variable} = ${all[random.below(all.length)]}${end}`;
  return { at, lines: [line], words: { variable }, phrasings: variableOnly };
};

const commented: Plant = ({ at, statement }) => {
  if (statement.text.includes("/*")) return undefined;
  return { at, lines: [`// ${statement.text}`], words: {}, phrasings: comment };
};

/** What each gives back. */
const helpers: Readonly<Record<string, string>> = {
  helper: "value",
  identity: "value",
  double: "value * 2",
  toText: "String(value)",
  isEmpty: "value.length === 0",
  isMissing: "value === undefined",
  firstOf: "value[0]",
  negate: "!value",
};

const helper: Plant = ({ at }, text, { end, step }, random) => {
  const taken = wordsOf(text);
  const own = Object.keys(helpers).filter((name) => !taken.has(name));
  const variable = own[random.below(own.length)];
  if (variable === undefined) return undefined;
  const result = helpers[variable]!;
  const short = [`const ${variable} = (value) => ${result}${end}`];
  const long = [`function ${variable}(value) {`, `${step}return ${result}${end}`, "}"];
  return {
    at,
    lines: random.next() < 0.5 ? short : long,
    words: { variable },
    phrasings: functionOnly,
  };
};

const plants: readonly Plant[] = [
  unreachable,
  unreachable,
  never,
  unread,
  unread,
  commented,
  helper,
];

const dead = [
  "Remove the dead code.",
  "Remove the dead code from {name}.",
  "Delete the dead code.",
  "Clean up the dead code in {name}.",
  "Get rid of the dead code in {name}.",
  "{name} has dead code, remove it.",
];

const behind = [
  ...dead,
  "Remove the unreachable code.",
  "Remove the unreachable code from {name}.",
  "Delete what can never be reached.",
  "There is code behind the return, delete it.",
  "Remove the code that never runs.",
  "Delete the unreachable line in {name}.",
];

const branch = [
  ...dead,
  "Remove the branch that is never taken.",
  "Delete the if that is never true.",
  "Remove the condition that is always false and what it holds.",
  "Remove the code that never runs.",
  "Delete the disabled code.",
  "One branch of {name} can never run, remove it.",
];

const variableOnly = [
  ...dead,
  "Remove the unused variable.",
  "Remove the unused variable {variable}.",
  "Remove the unused variable from {name}.",
  "Delete {variable}, it is never used.",
  "{variable} is never read, remove it.",
  "Delete the variable that nobody uses.",
];

const comment = [
  "Remove the commented-out code.",
  "Remove the commented-out code from {name}.",
  "Remove the commented-out line.",
  "Delete the commented-out code.",
  "Delete the line that is commented out.",
  "Delete the code in the comment.",
  "Clean up the commented-out code.",
  "Get rid of the commented-out code in {name}.",
  "Drop the commented-out line.",
  "There is commented-out code in {name}, remove it.",
  "No commented-out code, please.",
  "Take out the line that is commented out in {name}.",
];

const functionOnly = [
  ...dead,
  "Remove the unused function.",
  "Remove the unused function {variable}.",
  "Remove the unused helper from {name}.",
  "Delete {variable}, nobody calls it.",
  "{variable} is never called, remove it.",
  "Delete the inner function that is not used.",
];
