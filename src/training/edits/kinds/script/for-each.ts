// Calls of forEach that people wrote in TypeScript and JavaScript, as loops that do the same with an array:
// nothing in them ends the call, and no name hides another.

import type { EditUnit } from "../../kind.ts";
import { indentAt, rewritten } from "../../rewrite.ts";
import { callbackOf, loops, type Rewriting, sharesWord } from "./array-method.ts";
import { isIterator } from "./for-loop.ts";
import { ofType, styleOf } from "./nodes.ts";

/** The unit with its only forEach as a loop; undefined where it has none that is surely the same. */
export function forEachAsLoop({ root, text }: EditUnit): Rewriting | undefined {
  if (ofType(root, ...loops).length > 0 || text.split(".forEach(").length !== 2) return undefined;
  const [found] = ofType(root, "expression_statement").flatMap((statement) => {
    const callback = callbackOf(statement.named[0]);
    return callback?.method === "forEach" ? [{ ...callback, statement }] : [];
  });
  if (found === undefined) return undefined;
  const { statement, array, item, given } = found;
  const body = given.field("body")!;
  // What ends the function would end what is around the loop.
  if (ofType(body, "return_statement", "yield_expression").length > 0) return undefined;
  if (isIterator(array) || sharesWord(item, array) || isAssigned(item, body.text)) return undefined;
  const { step, end } = styleOf(text);
  const indent = indentAt(text, statement.from);
  const block =
    body.type === "statement_block"
      ? body.text
      : `{\n${indent}${step}${body.text}${end}\n${indent}}`;
  const { from, to } = statement;
  const loop = `for (const ${item} of ${array}) ${block}`;
  return {
    text: rewritten(text, [{ from, to, text: loop }]),
    words: { method: "forEach", array, item },
  };
}

/** A loop's name is constant. */
function isAssigned(item: string, body: string): boolean {
  const names = item.match(/[\w$]+/g) ?? [];
  return names.some((name) => {
    const word = `(?<![\\w$.])${RegExp.escape(name)}(?![\\w$])`;
    return new RegExp(
      `${word}\\s*(?:[-+*/%&|^?]*=(?!=|>)|\\+\\+|--)|(?:\\+\\+|--)\\s*${word}`,
    ).test(body);
  });
}
