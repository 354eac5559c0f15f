// A Python function loses its type hints. Types that the code does not show are either said by the
// instruction, or the function is left out.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { Lose, Loss } from "../../phrased.ts";
import { type Replacement, rewritten } from "../../rewrite.ts";
import {
  parameterPhrasings,
  resultPhrasings,
  toldResultPhrasings,
} from "../annotation-phrasings.ts";
import { parameterName, wordsOf } from "./scopes.ts";
import { functionOf } from "./structure.ts";

interface Hint {
  /** Undefined for what the function returns. */
  readonly parameter: string | undefined;
  readonly type: string;
  readonly removal: Replacement;
}

export const loseAnnotations: Lose = (unit, random) => {
  const definition = functionOf(unit);
  const parameters = definition?.field("parameters");
  if (!definition || !parameters) return undefined;
  const hints = hintsOf(definition, parameters, unit.text);
  if (hints.length === 0 || hints.some(({ type }) => type.length > typeMax || type.includes("\n")))
    return undefined;
  const way = random.next();
  if (way < 0.2) return one(unit.text, hints, random);
  if (way < 0.4) return result(unit.text, hints);
  const isWhole = isFullyHinted(parameters, hints);
  if (!isWhole) return one(unit.text, hints, random);
  const before = without(unit.text, hints);
  const isTold = hints.length <= hintsMax && hints.every(({ type }) => isInferable(type, before));
  const words = { hints: "type hints" };
  if (isTold && way < 0.8) return { before, words };
  return hints.length <= toldMax
    ? { before, words: told(hints), phrasings: toldPhrasings }
    : undefined;
};

const typeMax = 48;

/** More of them, or longer ones, are seldom told from the code. */
const hintsMax = 5;
const inferableMax = 24;

/** An instruction that says more types than these is a form, and not what a person writes. */
const toldMax = 4;

const toldPhrasings = [
  "Add type hints: {types}.",
  "Add type hints to {name}: {types}.",
  "Annotate {name}: {types}.",
  "Annotate: {types}.",
  "Type {name}: {types}.",
  "Add the types: {types}.",
  "Give {name} type hints: {types}.",
  "Add annotations to {name}, {types}.",
  "Add types, {types}.",
  "Write type hints for {name}: {types}.",
  "Put in the type hints ({types}).",
  "{name} needs type hints: {types}.",
];

function told(hints: readonly Hint[]): Record<string, string> {
  const types = hints.map(({ parameter, type }) =>
    parameter === undefined ? `returns ${type}` : `${parameter} is ${type}`,
  );
  return { types: types.join(", ") };
}

/** One parameter's hint, with its type said. */
function one(text: string, hints: readonly Hint[], random: Random): Loss | undefined {
  const named = hints.filter(({ parameter }) => parameter !== undefined);
  const hint = named[random.below(named.length)];
  if (hint === undefined) return undefined;
  const facts = { parameter: hint.parameter!, type: hint.type };
  return { before: without(text, [hint]), facts, phrasings: parameterPhrasings };
}

/** What the function returns, where that is to be told from the code. */
function result(text: string, hints: readonly Hint[]): Loss | undefined {
  const hint = hints.find(({ parameter }) => parameter === undefined);
  if (hint === undefined) return undefined;
  const before = without(text, [hint]);
  const facts = { returns: hint.type };
  if (isInferable(hint.type, before)) return { before, facts, phrasings: resultPhrasings };
  return { before, facts, phrasings: toldResultPhrasings };
}

function hintsOf(definition: SyntaxNode, parameters: SyntaxNode, text: string): Hint[] {
  const hints = parameters.named.flatMap((parameter): Hint[] => {
    const type = parameter.field("type");
    const name = parameterName(parameter);
    if (type === null || name === undefined) return [];
    const value = parameter.field("value");
    const bare = value === null ? "" : `=${value.text}`;
    const removal = { from: name.to, to: parameter.to, text: bare };
    return [{ parameter: text.slice(parameter.from, name.to), type: type.text, removal }];
  });
  const returned = definition.field("return_type");
  if (returned === null) return hints;
  const removal = { from: parameters.to, to: returned.to, text: "" };
  return [...hints, { parameter: undefined, type: returned.text, removal }];
}

function without(text: string, hints: readonly Hint[]): string {
  return rewritten(
    text,
    hints.map(({ removal }) => removal),
  );
}

/** Every parameter but the first of a method, and the result. */
function isFullyHinted(parameters: SyntaxNode, hints: readonly Hint[]): boolean {
  const bare = parameters.named
    .filter(({ type }) => !/separator|comment/.test(type))
    .filter((one) => one.field("type") === null && !/^(?:self|cls)$/.test(one.text));
  return bare.length === 0 && hints.some(({ parameter }) => parameter === undefined);
}

/** Types that are met everywhere, and those that the rest of the code speaks of. */
function isInferable(type: string, rest: string): boolean {
  if (type.length > inferableMax) return false;
  const shown = wordsOf(rest);
  return [...wordsOf(type)].every((word) => plainTypes.has(word) || shown.has(word));
}

const plainTypes = new Set(
  `int str bool float bytes None list dict tuple set frozenset type object complex List Dict Tuple Set Type
  Optional Union Any Iterable Iterator Sequence Mapping Generator Path Exception BaseException
  NoReturn Self`.split(/\s+/),
);
