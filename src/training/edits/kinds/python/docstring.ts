// A Python definition loses its docstring, where that is short enough to be told from the code, and says
// nothing of what is elsewhere.

import type { Lose } from "../../phrased.ts";
import { rewritten, wholeLines } from "../../rewrite.ts";
import { definitionOf, docstringOf, statementsOf } from "./structure.ts";

const linesMax = 4;
const wordsMin = 3;

export const loseDocstring: Lose = (unit) => {
  const definition = definitionOf(unit);
  const docstring = definition && docstringOf(definition);
  if (docstring === undefined || statementsOf(definition!).length < 2) return undefined;
  if (!isTold(docstring.text)) return undefined;
  const lines = wholeLines(unit.text, docstring);
  if (lines === undefined) return undefined;
  const blank = /^(?:[ \t]*\n)*/.exec(unit.text.slice(lines.to))![0].length;
  const before = rewritten(unit.text, [{ from: lines.from, to: lines.to + blank, text: "" }]);
  return { before, words: { thing: "docstring" } };
};

/** Whether a docstring says in a few words of English what the code shows. */
function isTold(text: string): boolean {
  if (text.split("\n").length > linesMax) return false;
  const words = /^[rR]?("""|''')([\s\S]*)\1$/.exec(text)?.[2]?.trim();
  if (words === undefined || !/^[A-Z]/.test(words) || /[^\p{ASCII}]/u.test(words)) return false;
  if (
    />>>|https?:|TODO|FIXME|XXX|#\d|\b(?:deprecated|versionadded|issue|bug|ticket)\b/i.test(words)
  )
    return false;
  return words.split(/\s+/).length >= wordsMin;
}
