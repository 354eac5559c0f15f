// Takes away the types of a TypeScript function's parameters and of what it returns, or one of them, where a
// reader could name them; where not, the instruction does.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import {
  parameterPhrasings,
  resultPhrasings,
  toldResultPhrasings,
} from "../annotation-phrasings.ts";
import { functionOf, ofType, parameterName, parametersOf } from "./nodes.ts";

/** Types that everybody knows. */
const known = new Set(
  `Promise Array ReadonlyArray Map Set WeakMap WeakSet ReadonlyMap ReadonlySet Record Partial Date Error
  RegExp Uint8Array ArrayBuffer Iterable Iterator Generator AsyncIterable AsyncGenerator IterableIterator
  Buffer URL Request Response Headers AbortSignal Event Element HTMLElement Node Document Function Symbol
  Object JSX ReactNode ReactElement Float32Array Float64Array Uint8ClampedArray Int32Array Uint32Array
  Uint16Array MouseEvent KeyboardEvent URLSearchParams AbortController Blob File FormData`.split(
    /\s+/,
  ),
);

export function loseAnnotations({ root, text }: EditUnit, random: Random): Loss | undefined {
  const node = functionOf(root);
  const parameters = node === undefined ? [] : parametersOf(node);
  if (node === undefined || parameters.length > 6) return undefined;
  // Those of a type parameter or a predicate are more than annotations.
  if (node.field("type_parameters") !== null || hasSignature(root)) return undefined;
  const types = parameters.map((parameter) => parameter.field("type"));
  if (types.some((type) => type === null) || parameters.some(isOther)) return undefined;
  const returned = node.field("return_type");
  if (returned !== null && returned.type !== "type_annotation") return undefined;
  const lost = [...types, returned].filter((type) => type !== null);
  if (lost.every(isAny)) return undefined;
  if (lost.some(({ text: type }) => type.length > 60 || type.includes("\n"))) return undefined;
  if (parameters.length === 0) return result(text, returned!);
  const way = random.next();
  if (way < 0.15 && returned !== null) return result(text, returned);
  if (way < 0.3) return one(text, parameters, random);
  const before = without(text, lost);
  const told = random.next() < 0.3 ? telling(parameters, returned) : undefined;
  if (told !== undefined) return { before, words: { told }, phrasings: tellingPhrasings };
  if (!lost.every((type) => isGuessable(type, before))) return undefined;
  // Who adds all types may well add that of the result.
  const phrasings = returned === null ? parametersPhrasings : undefined;
  return { before, words: { hints: "types" }, phrasings };
}

const parametersPhrasings = [
  "Add types to the parameters.",
  "Add types to the parameters of {name}.",
  "Add the parameter types.",
  "Annotate the parameters.",
  "Annotate the parameters of {name}.",
  "Fill in the parameter types.",
  "Give the parameters of {name} types.",
  "Put types on the parameters of {name}.",
  "The parameters of {name} have no types, add them.",
  "Type the parameters.",
  "Type the parameters of {name}.",
  "Write the types of the parameters.",
];

function without(text: string, types: readonly SyntaxNode[]): string {
  return rewritten(
    text,
    types.map(({ from, to }) => ({ from, to, text: "" })),
  );
}

/** What the function returns, said where that is not to be told from the code. */
function result(text: string, returned: SyntaxNode): Loss {
  const before = without(text, [returned]);
  const isTold = isGuessable(returned, before);
  const phrasings = isTold ? resultPhrasings : toldResultPhrasings;
  return { before, facts: { returns: typeText(returned) }, phrasings };
}

/** One parameter's type, which is said. */
function one(text: string, parameters: readonly SyntaxNode[], random: Random): Loss | undefined {
  const parameter = parameters[random.below(parameters.length)];
  const name = parameter && parameterName(parameter);
  if (parameter === undefined || name === undefined) return undefined;
  const type = parameter.field("type")!;
  const facts = { parameter: name.text, type: typeText(type) };
  return { before: without(text, [type]), facts, phrasings: parameterPhrasings };
}

function isAny({ text }: SyntaxNode): boolean {
  return /^:\s*any$/.test(text);
}

function hasSignature(root: SyntaxNode): boolean {
  return root.named.some(({ type }) => type.endsWith("_signature"));
}

/** Parameters that are properties, `this`, or taken apart: their types say more than the parameter's use. */
function isOther(parameter: SyntaxNode): boolean {
  const pattern = parameter.field("pattern")?.type;
  if (pattern === "rest_pattern") return false;
  return parameterName(parameter) === undefined;
}

/** A type that a reader of the code without it could name. */
function isGuessable(annotation: SyntaxNode, before: string): boolean {
  // Who could write the type would not write "any".
  if (/\b(?:any|unknown)\b/.test(annotation.text)) return false;
  if (ofType(annotation, "object_type").length > 0) return false;
  const owner = annotation.parent?.field("pattern")?.text.toLowerCase() ?? "";
  return ofType(annotation, "type_identifier", "identifier").every(({ text }) => {
    if (known.has(text) || new RegExp(`\\b${text}\\b`).test(before)) return true;
    return owner.length > 2 && text.toLowerCase().endsWith(owner);
  });
}

/** "a: number, b: string and returns boolean". */
function telling(parameters: readonly SyntaxNode[], returned: SyntaxNode | null) {
  if (parameters.length > 3) return undefined;
  const parts = parameters.map((parameter) => {
    const name = parameterName(parameter)?.text;
    return `${name} is ${typeText(parameter.field("type")!)}`;
  });
  if (parameters.some((parameter) => parameterName(parameter) === undefined)) return undefined;
  const last = returned === null ? [] : [`it returns ${typeText(returned)}`];
  const all = [...parts, ...last];
  return all.length === 1 ? all[0] : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}

function typeText(annotation: SyntaxNode): string {
  return annotation.text.replace(/^:\s*/, "");
}

const tellingPhrasings = [
  "Add types: {told}.",
  "Add type annotations to {name}: {told}.",
  "Annotate {name}: {told}.",
  "Annotate the parameters: {told}.",
  "Write the types down: {told}.",
  "{told}. Say so in the signature.",
  "In {name} {told}; add the annotations.",
  "Type {name}: {told}.",
  "Type the signature: {told}.",
  "Make the types of {name} explicit: {told}.",
  "The types are missing: {told}.",
  "Give the parameters their types: {told}.",
];
