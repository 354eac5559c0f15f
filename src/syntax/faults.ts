// What a grammar cannot make sense of. The count of faults before and after an edit tells whether the
// edit broke something, in a file that was broken already too.

import type { Node, Tree, TreeCursor } from "web-tree-sitter";
import { closingWordFaults } from "./closing-words.ts";
import { excerpt, type Fault } from "./fault.ts";
import { indentationFaults } from "./indentation.ts";
import type { Language } from "./languages.ts";
import { pythonRuleFaults } from "./python-rules.ts";
import { scriptRuleFaults } from "./script-rules.ts";
import { tagFaults } from "./tags.ts";

export function findFaults(tree: Tree, language: Language, text: string): Fault[] {
  const faults: Fault[] = [];
  if (tree.rootNode.hasError) {
    const cursor = tree.walk();
    collect(cursor, language, text, faults);
    cursor.delete();
  }
  if (language.id === "python") {
    faults.push(...indentationFaults(tree, text), ...pythonRuleFaults(tree));
  }
  faults.push(
    ...scriptRuleFaults(tree, language),
    ...tagFaults(tree, language),
    ...closingWordFaults(tree, language, text),
  );
  return faults.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Goes only into nodes that hold an error, and not into an error itself. */
function collect(cursor: TreeCursor, language: Language, text: string, faults: Fault[]): void {
  for (;;) {
    const node = cursor.currentNode;
    const { row: line, column } = node.startPosition;
    if (node.isMissing) {
      faults.push({ line, column, kind: "missing", text: node.type });
    } else if (node.isError) {
      faults.push({
        line,
        column,
        kind: "error",
        text: excerpt(text, node.startIndex, node.endIndex),
      });
    } else if (node.hasError) {
      // HTML's end tags may be missing; those that may not are tagFaults'.
      const lacking = language.id === "html" ? undefined : lackingLineBreak(node);
      if (lacking !== undefined) faults.push(lacking);
      else if (cursor.gotoFirstChild()) continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) return;
    }
  }
}

/**
 * The fault of a node that holds an error of which no child shows a sign: what is missing has no node of
 * its own, as the end of a statement in Python and Go.
 */
function lackingLineBreak({ children, startPosition }: Node): Fault | undefined {
  if (children.some((child) => child?.hasError || child?.isMissing)) return undefined;
  const second = children.find((child, i) => {
    const before = children[i - 1];
    return before && child?.isNamed && before.endPosition.row === child.startPosition.row;
  });
  const { row: line, column } = second?.startPosition ?? startPosition;
  return { line, column, kind: "missing", text: "a line break" };
}
