// Functions, classes and types that an answer loses: those of the original that are gone from it, although
// the instruction does not ask for that.

import { similarity } from "../patch/line-alignment.ts";
import type { SyntaxTree } from "../syntax/syntax.ts";
import type { Unit, UnitKind } from "../syntax/units.ts";
import { lastName, namePattern } from "./names.ts";

/** What is code of its own: a rule of a style sheet or a heading may go. */
const code: ReadonlySet<UnitKind> = new Set([
  "function",
  "method",
  "class",
  "interface",
  "type",
  "enum",
  "macro",
]);

/** How alike a unit and a new one are at least, names apart, that is the same under another name. */
const leastAlike = 0.5;

type IsNamed = (name: string) => boolean;

/** What asks for something to go that it need not name. */
const removes =
  /\b(?:remove|delete|drop|get rid|strip|clean|dead|unused|not used|never (?:used|called))\b/i;

/**
 * Units that are gone and not named, "function area". One that moved into another is not gone, nor one
 * that has a new name which the instruction says ("call it area"), nor a function within another that
 * nothing used, where it asks for something to be removed.
 */
export function lostUnits(before: SyntaxTree, after: SyntaxTree, instruction: string): string[] {
  const isNamed: IsNamed = (name) => isNamedIn(instruction, name);
  const kept = namesOf(after);
  const known = namesOf(before);
  const units = before.units().filter(({ kind }) => code.has(kind));
  const isDead = removes.test(instruction) ? deadIn(before, units) : () => false;
  const gone = units.filter(
    (unit) => !kept.has(lastName(unit.name)) && !isNamed(unit.name) && !isDead(unit),
  );
  const added = after.units().filter(({ name }) => !known.has(lastName(name)) && isNamed(name));
  const lost = added.length === 0 ? gone : notRenamed(gone, before.text, added, after.text);
  return [...new Set(lost.map(({ kind, name }) => `${kind} ${name}`))];
}

function isNamedIn(instruction: string, name: string): boolean {
  return namePattern(lastName(name)).test(instruction);
}

/** Functions in functions that no other word of the text is the name of. */
function deadIn({ text }: SyntaxTree, units: readonly Unit[]): (unit: Unit) => boolean {
  const lines = text.split("\n");
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/[\w$]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const holders = new Set(
    units.filter(({ kind }) => kind === "function" || kind === "method").map(({ name }) => name),
  );
  return (unit) => {
    const { name, kind } = unit;
    const isInner = kind === "function" && holders.has(name.slice(0, -lastName(name).length - 1));
    // What decorates it may keep it.
    if (!isInner || textOf(lines, unit).trimStart().startsWith("@")) return false;
    return counts.get(lastName(name)) === 1;
  };
}

function namesOf(tree: SyntaxTree): ReadonlySet<string> {
  return new Set(tree.units().map(({ name }) => lastName(name)));
}

/** The units without one for each of the others that is like it but for its name. */
function notRenamed(
  units: readonly Unit[],
  text: string,
  others: readonly Unit[],
  otherText: string,
): readonly Unit[] {
  const [lines, otherLines] = [text.split("\n"), otherText.split("\n")];
  const left = [...others];
  return units.filter((unit) => {
    const named = namePattern(lastName(unit.name), "g");
    const own = textOf(lines, unit);
    const at = left.findIndex((other) => {
      if (unit.kind !== other.kind) return false;
      const renamed = own.replace(named, () => lastName(other.name));
      return similarity(renamed, textOf(otherLines, other)) >= leastAlike;
    });
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function textOf(lines: readonly string[], { start, end }: Unit): string {
  return lines.slice(start, end).join("\n");
}

const definition =
  /^[ \t]*(?:(?:pub|export|public|private|static|async) )*(def|class|function|func|fun|fn|sub) +([A-Za-z_]\w*)/gm;

/** Definitions that are gone from a text without a grammar, by the words that most languages have. */
export function lostByName(before: string, after: string, instruction: string): string[] {
  const kept = new Set(Array.from(after.matchAll(definition), (found) => found[2]));
  const all = Array.from(before.matchAll(definition));
  const lost = all.filter(([, , name]) => !kept.has(name) && !isNamedIn(instruction, name!));
  return [...new Set(lost.map(([, kind, name]) => `${kind} ${name}`))];
}
