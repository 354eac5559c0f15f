// A row as the editor is given it: a text of its language, and the lines in it that are rewritten. A method
// of a script stands in a class, without which it would be something else.

import type { RegionRequest } from "../../editor/choose-region.ts";
import { type SourceText, sourceText } from "../../editor/text-file.ts";
import { CromwellError } from "../../errors.ts";
import { type Language, languageById, languageOf } from "../../syntax/languages.ts";
import { loadSyntax, orTooMuch, type Syntax, type SyntaxTree } from "../../syntax/syntax.ts";
import type { EditExample } from "../../training/edits/example.ts";

export interface Setting {
  readonly source: SourceText;
  readonly language: Language;
  /** Undefined for the whole text, or what the instruction says of it. */
  readonly region: RegionRequest | undefined;
  readonly syntax: Syntax;
  /** The target as it would stand there. */
  readonly target: string;
  /** A unit as it would stand there. */
  inSetting(unit: string): string;
  /** The edited unit in what the editor made of the source. */
  unitIn(edited: string): string;
}

const indent = "  ";

/** Throws CromwellError "input" for a row of which a side does not parse. */
export async function settingOf(row: EditExample): Promise<Setting> {
  const isTsx = row.language === "typescript" && languageOf(row.path)?.id === "tsx";
  const language = languageById(isTsx ? "tsx" : row.language)!;
  const syntax = (await loadSyntax(language))!;
  const alone = { text: (unit: string) => `${unit}\n`, unitIn: (text: string) => text.trimEnd() };
  const way = [alone, ...(row.language === "python" ? [] : [inClass])].find(({ text }) =>
    [row.before, row.after].every((side) => isWhole(syntax, text(side))),
  );
  if (way === undefined) {
    const { repository, path, name } = row;
    throw new CromwellError(
      "input",
      `${repository} ${path}: ${name} does not parse as ${language.title}`,
    );
  }
  const lines = row.before.split("\n").length;
  return {
    source: sourceText("-", Buffer.from(way.text(row.before))),
    language,
    region: way === inClass ? { lines: { first: 2, last: lines + 1 } } : undefined,
    syntax,
    target: way.text(row.after),
    inSetting: way.text,
    unitIn: way.unitIn,
  };
}

const inClass = {
  text: (unit: string) => {
    const lines = unit.split("\n").map((line) => (line === "" ? line : indent + line));
    return `class Unit {\n${lines.join("\n")}\n}\n`;
  },
  unitIn: (text: string) => {
    const lines = text.trimEnd().split("\n").slice(1, -1);
    return lines.map((line) => line.replace(indent, "")).join("\n");
  },
};

function isWhole(syntax: Syntax, text: string): boolean {
  const tree = parsed(syntax, text);
  const isWhole = tree !== undefined && tree.faults().length === 0;
  tree?.close();
  return isWhole;
}

const stepsMax = 4000;

/** Undefined for a text that is too much for the grammar. */
export function parsed(syntax: Syntax, text: string): SyntaxTree | undefined {
  return orTooMuch(() => syntax.parse(text, { stepsMax }));
}
