// Writes the value of a constant of TypeScript or JavaScript out where it is used: a magic number or text
// that is to become a constant again, within the function or above it.

import { isBuiltIn } from "../../../../syntax/built-ins.ts";
import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { type Replacement, rewritten, wholeLines } from "../../rewrite.ts";
import { type Binding, bindingsOf, freeNames, wordsOf } from "./bindings.ts";
import { ofType, styleOf } from "./nodes.ts";

const usesMax = 6;

export function loseConstant(unit: EditUnit, random: Random): Loss | undefined {
  const inside = bindingsOf(unit.root).flatMap((binding) => fromInside(unit, binding));
  const losses = inside.length > 0 ? inside : fromAbove(unit);
  return losses[random.below(losses.length)] ?? introduced(unit, random);
}

/** A constant that the unit declares itself. */
function fromInside({ root, text }: EditUnit, binding: Binding): Loss[] {
  const declarator = binding.node.parent;
  const declaration = declarator?.parent ?? null;
  const value = declarator === null ? undefined : literalOf(declarator);
  if (value === undefined || declaration === null || !isConstant(declaration)) return [];
  const lines = wholeLines(text, declaration);
  const uses = binding.uses.filter((node) => node !== binding.node);
  if (lines === undefined || uses.length === 0 || uses.length > usesMax) return [];
  if (standsElsewhere(root, value, declaration)) return [];
  const blank = /^[ \t]*\n/.exec(text.slice(lines.to))?.[0].length ?? 0;
  const isTop = declaration.parent === root;
  const gone = { from: lines.from, to: lines.to + (isTop ? blank : 0), text: "" };
  const before = rewritten(text, [gone, ...written(uses, value)]);
  return [{ before, facts: { name: binding.name, value } }];
}

/** A constant of the file that a function uses: it then stands above the function. */
function fromAbove({ root, text, what, file }: EditUnit): Loss[] {
  if (what !== "function") return [];
  const free = freeNames(root);
  const all = ofType(root, "identifier", "shorthand_property_identifier");
  const comment = root.named.find(({ type }) => type === "comment");
  return file.root.named.flatMap((declaration): Loss[] => {
    const declarator = declaration.named[0];
    const name = declarator?.field("name")?.text ?? "";
    if (declarator === undefined || !isConstant(declaration) || !free.has(name)) return [];
    const value = literalOf(declarator);
    const uses = all.filter((node) => node.text === name);
    if (value === undefined || uses.length > usesMax || uses.some(isShorthand)) return [];
    if (comment?.text.includes(name) || standsElsewhere(root, value, undefined)) return [];
    const after = `${declaration.text}\n\n${text}`;
    return [{ before: rewritten(text, written(uses, value)), after, facts: { name, value } }];
  });
}

/** Where nobody named a value that the property it is given to names: a constant above the function. */
function introduced(
  { root, text, what, name: unit, language }: EditUnit,
  random: Random,
): Loss | undefined {
  if (what !== "function" || unit.includes(".")) return undefined;
  const taken = wordsOf(text);
  const found = ofType(root, "pair").flatMap((pair) => {
    const [key, value] = [pair.field("key"), pair.field("value")];
    if (key?.type !== "property_identifier" || value === null) return [];
    const name = key.text.replace(/([a-z\d])([A-Z])/g, "$1_$2").toUpperCase();
    const isTelling = /^[a-z][A-Za-z]{4,}$/.test(key.text) && !vague.test(key.text);
    if (!isTelling || taken.has(name) || isBuiltIn(language, name)) return [];
    const isWorthIt =
      value.type === "number"
        ? !/^[012]$/.test(value.text)
        : value.type === "string" && /^.[A-Za-z][\w ./:-]{3,}.$/.test(value.text);
    return isWorthIt && !standsElsewhere(root, value.text, value) ? [{ name, value }] : [];
  });
  const chosen = found[random.below(found.length)];
  if (chosen === undefined) return undefined;
  const { name, value } = chosen;
  const { end } = styleOf(text);
  const { from, to } = value;
  const above = `const ${name} = ${value.text}${end}\n\n`;
  const after = above + rewritten(text, [{ from, to, text: name }]);
  const facts = { name, value: value.text };
  return { before: text, after, facts, phrasings: placed };
}

/** Keys whose values are chosen from a few, or say nothing by their key. */
const vague =
  /^(?:default|value|label|title|className|style|children|display|position|align\w*|method|target|encoding|format|items?|index|length|depth|status|state|action|event|source|kind|level|role|message|description|category)$/;

const placed = [
  "Extract {value} into a constant {name} above the function.",
  "Extract {value} to a constant called {name}, above the function.",
  "Introduce a constant {name} for {value} above the function.",
  "Introduce the constant {name} = {value} before the function.",
  "Give {value} the name {name}, a constant above the function.",
  "Move {value} into a constant {name} above the function.",
  "Put {value} into a constant {name} above the function and use it.",
  "Replace {value} with a constant {name} that stands above the function.",
  "Replace the literal {value} by a constant {name} before the function.",
  "Make {value} a constant named {name} above the function.",
  "Pull {value} out into {name} above the function.",
  "Define {name} above the function and use it instead of {value}.",
  "{value} should be a constant {name} above the function.",
];

function isConstant(declaration: SyntaxNode): boolean {
  if (declaration.type !== "lexical_declaration" || declaration.named.length !== 1) return false;
  return declaration.field("kind")?.text === "const";
}

/** The number or text that is declared, where the name tells more than it does itself. */
function literalOf(declarator: SyntaxNode): string | undefined {
  const [name, value] = [declarator.field("name")?.text ?? "", declarator.field("value")];
  if (value === null || name.length < 3 || value.text.length > 40) return undefined;
  if (value.type === "number") return /^[012]$/.test(value.text) ? undefined : value.text;
  return value.type === "string" && value.text.length > 4 ? value.text : undefined;
}

function standsElsewhere(root: SyntaxNode, value: string, but: SyntaxNode | undefined): boolean {
  return ofType(root, "number", "string").some(
    ({ text, from }) => text === value && (but === undefined || from < but.from || from > but.to),
  );
}

function isShorthand({ type }: SyntaxNode): boolean {
  return type.startsWith("shorthand");
}

function written(uses: readonly SyntaxNode[], value: string): Replacement[] {
  return uses.map(({ from, to }) => ({ from, to, text: value }));
}
