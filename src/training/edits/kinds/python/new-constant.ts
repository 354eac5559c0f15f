// A value that a Python function passes by keyword gets a name: above a function of the file, at the start
// of a method. The keyword says what the value is, so that the name is one that people would choose.

import { isBuiltIn } from "../../../../syntax/built-ins.ts";
import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { indentAt, rewritten, startsLine } from "../../rewrite.ts";
import { usesOf } from "./scopes.ts";
import { docstringOf, functionOf, ownNodes, statementsOf } from "./structure.ts";

export interface Literals {
  readonly isLiteral: (node: SyntaxNode) => boolean;
  readonly phrasings: readonly string[];
}

export function introduced(
  unit: EditUnit,
  random: Random,
  { isLiteral, phrasings }: Literals,
): Loss | undefined {
  const definition = functionOf(unit);
  const first =
    definition && statementsOf(definition).find((one) => one !== docstringOf(definition));
  if (definition === undefined || first === undefined || !startsLine(unit.text, first.from)) {
    return undefined;
  }
  const isTop = unit.what === "function" && !unit.name.includes(".");
  const taken = usesOf(unit.root);
  const candidates = [...ownNodes(definition.field("body")!)].flatMap((argument) => {
    if (argument.type !== "keyword_argument") return [];
    const [keyword, value] = [argument.field("name")!.text, argument.field("value")!];
    const name = isTop ? keyword.toUpperCase() : keyword;
    const isName = telling.test(keyword) && !taken.has(name) && !isBuiltIn("python", name);
    return isName && isWorthIt(value, isLiteral) && isOnly(value, unit) ? [{ name, value }] : [];
  });
  const chosen = candidates[random.below(candidates.length)];
  if (chosen === undefined) return undefined;
  const { name, value } = chosen;
  const at = isTop ? 0 : first.from;
  const behind = isTop ? "\n\n\n" : `\n${indentAt(unit.text, first.from)}`;
  const after = rewritten(unit.text, [
    { from: at, to: at, text: `${name} = ${value.text}${behind}` },
    { from: value.from, to: value.to, text: name },
  ]);
  const where = isTop ? "above the function" : "at the start of the function";
  return {
    before: unit.text,
    after,
    facts: { name, value: value.text },
    words: { where },
    phrasings,
  };
}

/** Keywords that say what their value is, wherever they are met. */
const telling =
  /^(?!_|(?:default|name|action|nargs|dest|required|stacklevel|metavar|category|indent|flags|kind)$)[a-z_]{4,}$/;

function isWorthIt(value: SyntaxNode, isLiteral: (node: SyntaxNode) => boolean): boolean {
  return isLiteral(value) && !/^[01]$|^["'].{0,2}["']$/.test(value.text);
}

function isOnly(value: SyntaxNode, unit: EditUnit): boolean {
  return (
    [...descendants(unit.root)].filter(
      ({ text, type }) => type === value.type && text === value.text,
    ).length === 1
  );
}
