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

/** What asks for code to go that nothing uses. */
const asksForDead = /\b(?:dead code|unused|not used|unreachable|never (?:used|called|read))\b/i;

/**
 * Units that are gone and not named, "function area". One that moved into another is not gone, nor one
 * that has a new name which the instruction says ("call it area"), nor a function within another that
 * nothing uses, where it asks for such code to go.
 */
export function lostUnits(before: SyntaxTree, after: SyntaxTree, instruction: string): string[] {
  const isNamed: IsNamed = (name) => isNamedIn(instruction, name);
  const kept = namesOf(after);
  const known = namesOf(before);
  const units = before.units().filter(({ kind }) => code.has(kind));
  const dead = asksForDead.test(instruction) ? deadUnits(before, units) : undefined;
  const gone = units.filter(
    ({ name }) => !kept.has(lastName(name)) && !isNamed(name) && !dead?.has(name),
  );
  const added = after.units().filter(({ name }) => !known.has(lastName(name)) && isNamed(name));
  const lost = added.length === 0 ? gone : notRenamed(gone, before.text, added, after.text);
  return [...new Set(lost.map(({ kind, name }) => `${kind} ${name}`))];
}

function isNamedIn(instruction: string, name: string): boolean {
  return namePattern(lastName(name)).test(instruction);
}

/** Languages in which a function that is defined within another is seen by that one alone. */
const nesting = new Set(["python", "javascript", "typescript", "tsx"]);

/** Names of functions in functions that no other word of the text says, and of all that is in these. */
function deadUnits({ text, language }: SyntaxTree, units: readonly Unit[]): ReadonlySet<string> {
  const dead = new Set<string>();
  if (!nesting.has(language.id)) return dead;
  const lines = text.split("\n");
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/[\w$]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const functions = new Set<string>();
  for (const { name, kind, start, signatureEnd } of units) {
    const own = lastName(name);
    const holder = name.slice(0, -own.length - 1);
    const isInner = kind === "function" && functions.has(holder) && counts.get(own) === 1;
    const isDead = dead.has(holder) || (isInner && isLocal(lines.slice(start, signatureEnd), own));
    if (isDead) dead.add(name);
    if (kind === "function" || kind === "method") functions.add(name);
  }
  return dead;
}

/** Whether the lines define the name for those around alone: nothing decorates or exports it. */
function isLocal(lines: readonly string[], name: string): boolean {
  if (lines.some((line) => /^\s*@/.test(line))) return false;
  const keyword = "(?:async )?(?:def|function\\*?|const|let|var)";
  const defined = new RegExp(`^\\s*${keyword} ${RegExp.escape(name)}(?![\\w$])`);
  return lines.some((line) => defined.test(line));
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
