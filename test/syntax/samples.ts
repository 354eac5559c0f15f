// A real-looking text of every language that has a grammar, with as many of its constructs as fit.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { allLanguages, type Language, languageById } from "../../src/syntax/languages.ts";
import { loadSyntax, type Syntax } from "../../src/syntax/syntax.ts";

export const grammarLanguages: Language[] = allLanguages().filter(({ grammar }) => grammar);

export function sample(id: string): string {
  return readFileSync(join(import.meta.dir, "samples", `${id}.txt`), "utf8");
}

/** The syntax of a language that has a grammar. */
export async function syntaxOf(id: string): Promise<Syntax> {
  const syntax = await loadSyntax(languageById(id)!);
  if (syntax === undefined) throw new Error(`${id} has no grammar`);
  return syntax;
}

/** The faults of a text, each as its line from 0 and what is said of it. */
export async function faultsOf(id: string, text: string): Promise<string[]> {
  const tree = (await syntaxOf(id)).parse(text);
  const faults = tree.faults().map(({ line, text: what }) => `${line}: ${what}`);
  tree.close();
  return faults;
}
