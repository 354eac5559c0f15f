// Checks that an edit did not break a file: no fault of syntax more than before, and no function or
// class lost on the way.

import { CromwellError } from "../errors.ts";
import { describeFault, type Fault } from "../syntax/fault.ts";
import type { Syntax, SyntaxTree } from "../syntax/syntax.ts";
import type { UnitKind } from "../syntax/units.ts";

export interface Checks {
  /** Whether the edited text parses; null without a grammar, or where parsing it takes too long. */
  readonly parses: boolean | null;
}

/** What the checks found; `refused` says why the edit must not be offered. */
export interface Verdict {
  readonly checks: Checks;
  readonly refused?: string;
}

/**
 * Judges `after` against `before`. A fault that the original had already does not count: a broken
 * file can be edited. `named` says whether a name stands in the instruction, which may then go.
 */
export function judge(
  before: string,
  after: string,
  syntax: Syntax | undefined,
  named: (name: string) => boolean,
): Verdict {
  const trees = syntax === undefined ? undefined : parseBoth(syntax, before, after);
  if (trees === undefined) {
    return verdict({ parses: null }, lostNames(defined(before), defined(after), named));
  }
  try {
    const faults = trees.after.faults();
    const checks: Checks = { parses: faults.length === 0 };
    const added = newFault(trees.before.faults(), faults);
    if (added !== undefined) {
      return verdict(checks, `the answer is not well formed: ${describeFault(added)}`);
    }
    return verdict(checks, lostNames(unitNames(trees.before), unitNames(trees.after), named));
  } finally {
    trees.before.close();
    trees.after.close();
  }
}

function verdict(checks: Checks, refused: string | undefined): Verdict {
  return refused === undefined ? { checks } : { checks, refused };
}

/** Both texts' trees; undefined where a text is too much for the grammar. */
function parseBoth(
  syntax: Syntax,
  before: string,
  after: string,
): { before: SyntaxTree; after: SyntaxTree } | undefined {
  let first: SyntaxTree | undefined;
  try {
    first = syntax.parse(before);
    return { before: first, after: syntax.parse(after) };
  } catch (error) {
    first?.close();
    if (error instanceof CromwellError && error.code === "input") return undefined;
    throw error;
  }
}

/** The first fault that the original has none like, where there are more of them now. */
function newFault(before: readonly Fault[], after: readonly Fault[]): Fault | undefined {
  if (after.length <= before.length) return undefined;
  const old = new Set(before.map(({ kind, text }) => `${kind} ${text}`));
  return after.find(({ kind, text }) => !old.has(`${kind} ${text}`)) ?? after.at(-1);
}

/** A name and what it names. */
type Named = readonly [name: string, kind: string];

function lostNames(
  before: readonly Named[],
  after: readonly Named[],
  named: (name: string) => boolean,
): string | undefined {
  const kept = new Set(after.map(([name]) => name));
  const lost = before.find(([name]) => !kept.has(name) && !named(name));
  return lost === undefined ? undefined : `the answer loses ${lost[1]} ${lost[0]}`;
}

const kept: ReadonlySet<UnitKind> = new Set([
  "function",
  "method",
  "class",
  "interface",
  "type",
  "enum",
  "macro",
]);

/** The last names of functions, classes and types. */
function unitNames(tree: SyntaxTree): Named[] {
  const units = tree.units().filter((unit) => kept.has(unit.kind));
  return units.map(({ name, kind }) => [name.slice(name.lastIndexOf(".") + 1), kind]);
}

const definition = /^[ \t]*(?:export )?(?:async )?(def|class|function|func|fn) +([A-Za-z_]\w*)/gm;

/** What a text without a grammar seems to define. */
function defined(text: string): Named[] {
  return Array.from(text.matchAll(definition), ([, kind, name]) => [name!, kind!]);
}
