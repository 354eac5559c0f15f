// What a kind of edit makes of a piece of code: many seeds, each distinct result once, and each checked
// for what every kind owes: both sides parse, and the one is not the other.

import { expect } from "bun:test";
import { languageById } from "../../../src/syntax/languages.ts";
import { loadSyntax } from "../../../src/syntax/syntax.ts";
import type { EditLanguage, EditUnit, Reversal } from "../../../src/training/edits/kind.ts";
import { editKinds } from "../../../src/training/edits/kinds.ts";
import { parseUnit } from "../../../src/training/edits/units.ts";
import { Random } from "../../../src/training/random.ts";

export interface Case {
  readonly language?: EditLanguage;
  readonly what?: EditUnit["what"];
  readonly name?: string;
  readonly path?: string;
  readonly seeds?: number;
  /** Whether the same change in other words is another one. */
  readonly phrased?: boolean;
}

export interface Result extends Reversal {
  readonly after: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Distinct by text before and after, in the order of the seeds. */
export async function reversals(
  kindName: string,
  text: string,
  {
    language = "python",
    what = "function",
    name = "f",
    path = "a.py",
    seeds = 60,
    phrased = false,
  }: Case = {},
): Promise<Result[]> {
  const { kind } = editKinds.find((one) => one.kind.name === kindName)!;
  const syntax = (await loadSyntax(languageById(language)!))!;
  const file = syntax.parse(text);
  const parsed = parseUnit(syntax, language, text, what)!;
  const unit = { language, what, text, root: parsed.root, name, file, path };
  const found = new Map<string, Result>();
  for (let seed = 0; seed < seeds; seed++) {
    const reversal = kind.reversals[language]!(unit, new Random(seed));
    if (reversal === undefined) continue;
    const result = { after: text, facts: {}, ...reversal };
    expect(result.instruction).not.toMatch(/[{]\w+[}]|(?<!(?:returns?|is|or|[!=]==) )undefined/);
    if (result.areSame !== true) expect(result.before).not.toBe(result.after);
    for (const side of [result.before, result.after]) {
      const again = parseUnit(syntax, language, side.replace(/\n+$/, ""), what);
      expect(again, side).toBeDefined();
      again!.close();
    }
    const words = phrased ? result.instruction : "";
    found.set(`${result.before}\0${result.after}\0${words}`, result);
  }
  parsed.close();
  file.close();
  return [...found.values()];
}

/** Every distinct text before. */
export async function befores(kind: string, text: string, more: Case = {}): Promise<string[]> {
  const found = await reversals(kind, text, more);
  return [...new Set(found.map(({ before }) => before))].sort();
}
