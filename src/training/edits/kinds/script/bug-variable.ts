// Plants a wrong variable in TypeScript or JavaScript: a parameter or constant where another of the same
// sort is meant.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { type Binding, bindingsOf } from "./bindings.ts";
import { ancestor } from "./nodes.ts";
import { type PlantedBug, plantedIn } from "./planted-bug.ts";

export function loseVariable({ root, text }: EditUnit, random: Random): Loss | undefined {
  const bindings = bindingsOf(root).filter(
    ({ kind, uses }) => (kind === "parameter" || kind === "variable") && uses.length > 1,
  );
  const bugs = bindings.flatMap((binding) =>
    bindings
      .filter((other) => other !== binding && isLike(binding, other))
      .flatMap((other) => swaps(binding, other)),
  );
  const planted = plantedIn(text, bugs, random);
  if (planted === undefined) return undefined;
  const { before, wrong, right } = planted;
  const { name, other } = difference(wrong, right, bindings);
  if (name === undefined || other === undefined) return undefined;
  return {
    before,
    facts: { what: "variable", wrong, right },
    words: { used: other, meant: name },
  };
}

/** Two that can stand for each other: of one type where types are told, and of one sort. */
function isLike(a: Binding, b: Binding): boolean {
  if (a.kind !== b.kind || isAlias(a, b) || isAlias(b, a)) return false;
  const types = [a, b].map(({ node }) => node.parent?.field("type")?.text);
  return types[0] === types[1] && (a.kind === "parameter" || a.scope.from === b.scope.from);
}

/** Uses of the one where the other has a value as well. */
function swaps(binding: Binding, other: Binding): PlantedBug[] {
  return binding.uses.flatMap((use): PlantedBug[] => {
    const isWithin = use.from > other.scope.from && use.to <= other.scope.to;
    if (use === binding.node || !isWithin || use.from < declaration(other).to) return [];
    const node = quoted(use);
    if (node === undefined || use.parent?.field("function")?.from === use.from) return [];
    // With the other one in it too, it would say nothing or the same.
    if (new RegExp(`(?<![\\w$.])${other.name.replaceAll("$", "\\$")}(?![\\w$])`).test(node.text))
      return [];
    const isTarget = /assignment|update/.test(use.parent?.type ?? "");
    return isTarget ? [] : [{ node, from: use.from, to: use.to, text: other.name, says: [] }];
  });
}

/** The whole of what declares it: its own value cannot use it. */
function declaration({ node }: Binding): SyntaxNode {
  return node.parent?.type === "variable_declarator" ? node.parent : node;
}

/** Whether the one only gives the other's value another name. */
function isAlias(a: Binding, b: Binding): boolean {
  const value = declaration(a).field("value");
  return (
    value !== null && new RegExp(`^${b.name.replaceAll("$", "\\$")}(?![\\w$.([?])`).test(value.text)
  );
}

/** The smallest expression that says something. */
function quoted(use: SyntaxNode): SyntaxNode | undefined {
  const wanted =
    /^(?:binary_expression|call_expression|subscript_expression|return_statement|pair|new_expression|ternary_expression)$/;
  return ancestor(use, ({ type }) => wanted.test(type));
}

function difference(wrong: string, right: string, bindings: readonly Binding[]) {
  const names = bindings.map(({ name }) => name);
  const count = (text: string, name: string) =>
    text.split(new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`)).length;
  return {
    name: names.find((name) => count(right, name) > count(wrong, name)),
    other: names.find((name) => count(wrong, name) > count(right, name)),
  };
}
