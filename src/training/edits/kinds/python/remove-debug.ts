// A Python function gets a line of debug output, or two, between its statements, with names that are
// bound there.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { Lose } from "../../phrased.ts";
import { indentAt, rewritten, startsLine } from "../../rewrite.ts";
import { parameterNames } from "./scopes.ts";
import { docstringOf, functionOf, ownNodes } from "./structure.ts";

/** One who prints on purpose is not debugging. */
const debugs = /\b(?:print|pprint|breakpoint|set_trace|pdb|debug)\b/;

export const plantDebug: Lose = (unit, random) => {
  const definition = functionOf(unit);
  if (definition === undefined || debugs.test(unit.text)) return undefined;
  const places = placesOf(definition, unit.text);
  const place = places[random.below(places.length)];
  if (place === undefined) return undefined;
  const names = namesBefore(definition, place);
  const { line, debug } = debugLine(names, random);
  const indent = indentAt(unit.text, place.from);
  const insertions = [{ from: place.from, to: place.from, text: `${line}\n${indent}` }];
  const second = places.find(({ from }) => from > place.from);
  const two = second !== undefined && debug === "print" && random.next() < 0.2;
  if (two) {
    const other = debugLine(namesBefore(definition, second), random, "print");
    const text = `${other.line}\n${indentAt(unit.text, second.from)}`;
    insertions.push({ from: second.from, to: second.from, text });
  }
  const words = { debug: two ? "debug prints" : wordFor(debug, random) };
  const facts = { what: line };
  const loss = { before: rewritten(unit.text, insertions), facts, words };
  return two ? { ...loss, phrasings: pluralPhrasings } : loss;
};

const pluralPhrasings = [
  "Remove the debug prints.",
  "Remove the prints from {name}.",
  "Remove all print statements.",
  "Remove the debugging output from {name}.",
  "Delete the print calls.",
  "Delete both debug prints.",
  "Take out the prints.",
  "Clean up the debug prints in {name}.",
  "Get rid of the print statements.",
  "Drop the debug output.",
  "The prints were only for debugging, take them out.",
  "{name} still has debug prints in it, remove them.",
];

function wordFor(debug: string, random: Random): string {
  if (debug !== "print") return debug;
  const words = ["debug print", "print", "print statement", "debug output", "print call"];
  return words[random.below(words.length)]!;
}

/** Statements that a line can stand before: the first of their line, and not a docstring. */
function placesOf(definition: SyntaxNode, text: string): SyntaxNode[] {
  const docstring = docstringOf(definition);
  const blocks = [...ownNodes(definition)].filter(({ type }) => type === "block");
  return blocks
    .flatMap((block) => block.named)
    .filter((one) => one !== docstring && one.type !== "comment" && startsLine(text, one.from))
    .sort((a, b) => a.from - b.from);
}

/** Parameters, and names that are assigned in the statements before, in this block or around it. */
export function namesBefore(definition: SyntaxNode, place: SyntaxNode): string[] {
  const names = parameterNames(definition.field("parameters")).map(({ text }) => text);
  for (let at: SyntaxNode = place; at.from !== definition.from; at = at.parent!) {
    for (const sibling of at.parent?.named ?? []) {
      if (sibling.from >= at.from) break;
      const assignment = sibling.named[0]?.type === "assignment" ? sibling.named[0] : undefined;
      const left = assignment?.field("left");
      if (left?.type === "identifier") names.push(left.text);
    }
    const loop = at.parent?.type === "for_statement" ? at.parent.field("left") : null;
    if (loop?.type === "identifier") names.push(loop.text);
  }
  return [...new Set(names)].filter((name) => !/^(?:self|cls|_.*)$/.test(name));
}

function debugLine(names: readonly string[], random: Random, only?: "print") {
  const name = names[random.below(names.length)] ?? undefined;
  const way = only === undefined ? random.next() : random.next() * 0.85;
  if (way >= 0.92) return { line: "breakpoint()", debug: "breakpoint" };
  if (way >= 0.85) return { line: "import pdb; pdb.set_trace()", debug: "pdb call" };
  const forms = name === undefined ? plain : withName;
  const line = forms[random.below(forms.length)]!.replaceAll("NAME", name ?? "");
  return { line, debug: "print" };
}

const plain = [
  'print("here")',
  'print("DEBUG")',
  'print("got here")',
  'print("1")',
  'print("-" * 20)',
];
const withName = [
  "print(NAME)",
  'print("NAME", NAME)',
  'print("NAME:", NAME)',
  'print(f"{NAME=}")',
  'print(f"NAME: {NAME}")',
  'print("DEBUG", NAME)',
  'print("DEBUG: NAME =", NAME)',
  'print(">>>", NAME)',
  "print(type(NAME), NAME)",
  'print("NAME = %s" % NAME)',
  'print("here", NAME)',
  "print(repr(NAME))",
  "print('NAME', NAME, flush=True)",
];
