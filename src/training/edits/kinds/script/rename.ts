// Gives a variable, a parameter, a function or a class of TypeScript or JavaScript a name to be renamed
// from; the name that its author chose is what it is to get back.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import { otherDefinitionName, otherName } from "../../names.ts";
import type { Loss } from "../../phrased.ts";
import { type Replacement, rewritten } from "../../rewrite.ts";
import { bindingsOf, wordsOf } from "./bindings.ts";
import { definitionOf, functionOf, ofType } from "./nodes.ts";

export function loseVariableName({ root, text }: EditUnit, random: Random): Loss | undefined {
  const variables = bindingsOf(root).filter(
    ({ kind, uses, name, node }) =>
      kind === "variable" &&
      uses.length > 1 &&
      uses.length <= usesMax &&
      isGood(name) &&
      !holdsFunction(node),
  );
  if (variables.length === 0) return undefined;
  const { name, uses } = variables[random.below(variables.length)]!;
  return renamed({ root, text }, name, uses, "variable", random);
}

/** Of a unit's own function; its comment's @param is renamed with it. */
export function loseParameterName({ root, text }: EditUnit, random: Random): Loss | undefined {
  const own = functionOf(root);
  const parameters = bindingsOf(root).filter(
    ({ kind, uses, name, scope }) =>
      kind === "parameter" &&
      uses.length > 1 &&
      uses.length <= usesMax &&
      isGood(name) &&
      scope.from === own?.from,
  );
  if (parameters.length === 0) return undefined;
  const { name, uses } = parameters[random.below(parameters.length)]!;
  return renamed({ root, text }, name, uses, "parameter", random);
}

/** Of the unit's own function, or of one of a small file. */
export function loseFunctionName(unit: EditUnit, random: Random): Loss | undefined {
  const { root, text } = unit;
  const definition = definitionOf(root);
  if (definition?.type === "method_definition") return loseMethodName(unit, definition, random);
  const functions = bindingsOf(root).filter(
    ({ kind, uses, name, node }) =>
      (kind === "function" || (kind === "variable" && holdsFunction(node))) &&
      uses.length <= usesMax &&
      isGood(name) &&
      (unit.what === "file" ? uses.length > 1 : name === unit.name),
  );
  if (functions.length === 0) return undefined;
  const { name, uses } = functions[random.below(functions.length)]!;
  return renamed({ root, text }, name, uses, "function", random);
}

function loseMethodName({ root, text }: EditUnit, method: SyntaxNode, random: Random) {
  const node = method.field("name");
  if (node?.type !== "property_identifier" || node.text === "constructor" || !isGood(node.text))
    return undefined;
  if (method.children.some(({ type }) => type === "override_modifier")) return undefined;
  const same = ofType(root, "property_identifier").filter((other) => other.text === node.text);
  const own = same.filter(({ parent }) => parent?.field("object")?.type === "this");
  // One of another object may be the same method, or not.
  if (own.length + 1 !== same.length) return undefined;
  return renamed({ root, text }, node.text, [node, ...own], "function", random);
}

export function loseClassName({ root, text, what }: EditUnit, random: Random): Loss | undefined {
  if (what !== "class" && what !== "file") return undefined;
  const classes = bindingsOf(root).filter(
    ({ kind, uses, name, node }) =>
      kind === "class" &&
      isGood(name) &&
      uses.length <= usesMax &&
      (what === "file" ? uses.length > 1 : node.parent?.from === definitionOf(root)?.from),
  );
  if (classes.length === 0) return undefined;
  const { name, uses } = classes[random.below(classes.length)]!;
  return renamed({ root, text }, name, uses, "class", random);
}

const usesMax = 16;

type Named = "variable" | "parameter" | "function" | "class";

/** The places under another name, as the facts of a rename tell. */
function renamed(
  { root, text }: { readonly root: SyntaxNode; readonly text: string },
  name: string,
  uses: readonly SyntaxNode[],
  what: Named,
  random: Random,
): Loss | undefined {
  const taken = wordsOf(text);
  const from =
    what === "function" || what === "class"
      ? otherDefinitionName(name, what, taken, random, "camelCase")
      : otherName(name, taken, random, "camelCase");
  if (from === undefined) return undefined;
  const tagged = what === "parameter" ? tags(root, name, from) : [];
  // Comments that speak of it would be changed by one person and left by another.
  if (mentions(root, name) !== tagged.length) return undefined;
  const places = uses.map((node) => ({ from: node.from, to: node.to, text: from }));
  return { before: rewritten(text, [...places, ...tagged]), facts: { from, to: name, what } };
}

/** The name behind @param. */
function tags(root: SyntaxNode, name: string, replacement: string): Replacement[] {
  const tag = new RegExp(`(@param\\s+(?:\\{[^}]*\\}\\s+)?\\[?)${escaped(name)}(?![\\w$])`, "g");
  return ofType(root, "comment").flatMap((comment) =>
    Array.from(comment.text.matchAll(tag), ({ index, 1: before }) => {
      const from = comment.from + index + before!.length;
      return { from, to: from + name.length, text: replacement };
    }),
  );
}

function mentions(root: SyntaxNode, name: string): number {
  const word = new RegExp(`(?<![\\w$])${escaped(name)}(?![\\w$])`, "g");
  const found = ofType(root, "comment").map(({ text }) => text.match(word)?.length ?? 0);
  return found.reduce((sum, count) => sum + count, 0);
}

function escaped(name: string): string {
  return name.replaceAll("$", "\\$");
}

/** Whether the variable is a function: `const f = () => ...`. */
function holdsFunction(node: SyntaxNode): boolean {
  return /function|^class$/.test(node.parent?.field("value")?.type ?? "");
}

/** A name that says something. */
function isGood(name: string): boolean {
  if (name.length < 3 || /^_|\d$/.test(name)) return false;
  return !/^(?:tmp|temp|foo|bar|baz|val|res|ret|obj|arr|args|this)$/.test(name);
}
