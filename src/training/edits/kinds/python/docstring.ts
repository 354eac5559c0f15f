// A Python definition loses its docstring, where that is short enough to be told from the code, says more
// than its name, and nothing of what is elsewhere.

import { wordsIn } from "../../names.ts";
import type { Lose } from "../../phrased.ts";
import { rewritten, wholeLines, withBlankLines } from "../../rewrite.ts";
import { saysMore } from "../../said-words.ts";
import { definitionOf, docstringOf, statementsOf } from "./structure.ts";

const linesMax = 4;
const wordsMin = 3;

/** The part of its longer words that the code has too. */
const shownMin = 0.4;

export const loseDocstring: Lose = (unit) => {
  const definition = definitionOf(unit);
  const docstring = definition && docstringOf(definition);
  if (docstring === undefined || statementsOf(definition!).length < 2) return undefined;
  if (!isTold(docstring.text) || !saysMore(docstring.text, unit.name)) return undefined;
  const code = unit.text.slice(0, docstring.from) + unit.text.slice(docstring.to);
  if (!isShown(docstring.text, code)) return undefined;
  const lines = wholeLines(unit.text, docstring);
  if (lines === undefined) return undefined;
  const before = rewritten(unit.text, [{ ...withBlankLines(unit.text, lines), text: "" }]);
  return { before, words: { thing: "docstring" } };
};

/** Whether a docstring says in a few words of English what something does. */
function isTold(text: string): boolean {
  if (text.split("\n").length > linesMax) return false;
  const words = /^"""([A-Z][\s\S]*)"""$/.exec(text)?.[1]?.trim();
  if (words === undefined || /[^\p{ASCII}]/u.test(words) || elsewhere.test(words)) return false;
  return words.split(/\s+/).length >= wordsMin;
}

/** What no code tells. */
const elsewhere =
  />>>|https?:|TODO|FIXME|XXX|#\d|\b(?:deprecated|versionadded|issue|bug|ticket|see also)\b/i;

/** Enough of its longer words are those of the code, whatever their endings. */
function isShown(docstring: string, code: string): boolean {
  const stem = (word: string) => word.slice(0, 4);
  const shown = new Set(
    (code.match(/[A-Za-z_]\w*/g) ?? []).flatMap((name) => wordsIn(name).map(stem)),
  );
  const said = (docstring.match(/[A-Za-z]{4,}/g) ?? []).map((word) => word.toLowerCase());
  return said.filter((word) => shown.has(stem(word))).length >= said.length * shownMin;
}
