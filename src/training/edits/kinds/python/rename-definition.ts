// A Python function, method or class gets another name. A name that the unit binds a second time, or that
// its texts speak of, is left alone.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import type { EditUnit } from "../../kind.ts";
import { otherDefinitionName } from "../../names.ts";
import type { Lose } from "../../phrased.ts";
import { renaming } from "./rename-local.ts";
import { bindingNodes, usesOf, wordsOf } from "./scopes.ts";
import { definitionOf, statementsOf } from "./structure.ts";

type What = "function" | "class";

const renameDefinition =
  (what: What): Lose =>
  (unit, random) => {
    const definitions = definitionsIn(unit, what);
    const definition = definitions[random.below(definitions.length)];
    const name = definition?.field("name");
    if (!definition || !name || /^__|^_$|^main$/.test(name.text)) return undefined;
    const uses = usesIn(unit, definition, name.text);
    if (uses === undefined || isSpokenOf(unit, name.text)) return undefined;
    // A unit that is only defined has one line to change: some of these are enough.
    if (uses.length === 1 && random.next() < 0.7) return undefined;
    const other = otherDefinitionName(name.text, what, wordsOf(unit.text), random, "snake_case");
    if (other === undefined) return undefined;
    const isMethod = what === "function" && isMember(unit, definition);
    const loss = renaming(unit.text, { name: name.text, what, uses }, other, random.next() < 0.5);
    const { from } = loss.facts!;
    return { ...loss, words: { name: from!, what: isMethod ? "method" : what } };
  };

export const renameFunctionOf: Lose = renameDefinition("function");
export const renameClassOf: Lose = renameDefinition("class");

/** What can be named: the unit itself, a method of a class, what a file defines. */
function definitionsIn(unit: EditUnit, what: What): SyntaxNode[] {
  const type = `${what}_definition`;
  const own = definitionOf(unit);
  const inside = own === undefined ? unit.root.named : own.type === type ? [] : statementsOf(own);
  const found = inside
    .map((one) => one.field("definition") ?? one)
    .filter((one) => one.type === type);
  return own?.type === type ? [own] : found;
}

function isMember(unit: EditUnit, definition: SyntaxNode): boolean {
  return unit.what === "method" || (unit.what === "class" && definition !== definitionOf(unit));
}

/** Its name and every use; undefined where another thing has the name too. */
function usesIn(unit: EditUnit, definition: SyntaxNode, name: string): SyntaxNode[] | undefined {
  const bindings = bindingNodes(unit.root).filter(({ text }) => text === name);
  if (bindings.length !== 1) return undefined;
  const attributes = [...descendants(unit.root)].filter(
    (node) => node.type === "attribute" && node.field("attribute")!.text === name,
  );
  const plain = usesOf(unit.root).get(name) ?? [];
  if (!isMember(unit, definition)) return attributes.length > 0 ? undefined : plain;
  const isOwn = (node: SyntaxNode) => /^(?:self|cls)$/.test(node.field("object")!.text);
  if (plain.length !== 1 || !attributes.every(isOwn)) return undefined;
  return [...plain, ...attributes.map((node) => node.field("attribute")!)];
}

/** Whether a comment or a text of the unit has the name as a word. */
function isSpokenOf(unit: EditUnit, name: string): boolean {
  return [...descendants(unit.root)].some(
    (node) =>
      (node.type === "comment" || node.type === "string_content") && wordsOf(node.text).has(name),
  );
}
