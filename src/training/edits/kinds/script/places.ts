// Where a line can be planted in TypeScript or JavaScript: before a statement that has a line for itself,
// with the names that have a value there.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import { indentAt, wholeLines } from "../../rewrite.ts";
import { isFunction, ofType, parametersOf, statementsOf } from "./nodes.ts";

export interface Place {
  /** Where a line begins. */
  readonly at: number;
  readonly indent: string;
  /** What stands on the line. */
  readonly statement: SyntaxNode;
  /** Names that have a value there. */
  readonly names: readonly string[];
}

/** Before each statement of a block that has a line for itself. */
export function placesIn(root: SyntaxNode, text: string): Place[] {
  return ofType(root, "statement_block").flatMap((block) => {
    const known = namesAt(block);
    return statementsOf(block).flatMap((statement) => {
      const names = [...known];
      if (statement.type === "lexical_declaration") known.push(...declared(statement));
      const start = text.lastIndexOf("\n", statement.from - 1) + 1;
      const indent = indentAt(text, statement.from);
      if (start + indent.length !== statement.from) return [];
      // A call of super comes first, a function's own declaration is no place to look at values.
      if (/^super\(/.test(statement.text) || /^["']/.test(statement.text)) return [];
      return [{ at: aboveComments(statement, text), indent, statement, names }];
    });
  });
}

/** The line of the statement, or of the comments that stand right above it. */
function aboveComments(statement: SyntaxNode, text: string): number {
  const siblings = statement.parent!.named;
  let at = siblings.findIndex(({ from }) => from === statement.from);
  let start = text.lastIndexOf("\n", statement.from - 1) + 1;
  for (; at > 0 && siblings[at - 1]!.type === "comment"; at--) {
    const comment = wholeLines(text, siblings[at - 1]!);
    if (comment?.to !== start) break;
    start = comment.from;
  }
  return start;
}

/** Parameters and constants of the blocks around. */
function namesAt(block: SyntaxNode): string[] {
  const names: string[] = [];
  let inner = block;
  for (let at = block.parent; at !== null; at = at.parent) {
    if (isFunction(at)) names.push(...parametersOf(at).flatMap(namesIn));
    if (at.type === "for_in_statement" && at.field("kind") !== null) {
      names.push(...namesIn(at.field("left")!));
    }
    if (at.type === "catch_clause") names.push(...namesIn(at.field("parameter") ?? at).slice(0, 1));
    if (at.type === "statement_block") {
      for (const statement of statementsOf(at)) {
        if (statement.from >= inner.from) break;
        if (statement.type === "lexical_declaration") names.push(...declared(statement));
      }
    }
    inner = at;
  }
  return names;
}

function declared(statement: SyntaxNode): string[] {
  return statement.named.flatMap((declarator) => namesIn(declarator.field("name") ?? declarator));
}

/** Names that a pattern binds by themselves. */
function namesIn(pattern: SyntaxNode): string[] {
  const { type } = pattern;
  if (type === "identifier" || type === "shorthand_property_identifier_pattern")
    return [pattern.text];
  if (/^(?:required|optional)_parameter$/.test(type)) return namesIn(pattern.field("pattern")!);
  if (/^(?:object_pattern|array_pattern|rest_pattern)$/.test(type))
    return pattern.named.flatMap(namesIn);
  if (/assignment_pattern$/.test(type)) return namesIn(pattern.field("left")!);
  return type === "pair_pattern" ? namesIn(pattern.field("value")!) : [];
}
