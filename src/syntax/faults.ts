// What a grammar cannot make sense of. The count of faults before and after an edit tells whether the
// edit broke something, in a file that was broken already too.

import type { Tree, TreeCursor } from "web-tree-sitter";
import { closingWordFaults } from "./closing-words.ts";
import { excerpt, type Fault } from "./fault.ts";
import { indentationFaults } from "./indentation.ts";
import type { Language } from "./languages.ts";
import { pythonRuleFaults } from "./python-rules.ts";
import { tagFaults } from "./tags.ts";

export function findFaults(tree: Tree, language: Language, text: string): Fault[] {
  const faults: Fault[] = [];
  if (tree.rootNode.hasError) {
    const cursor = tree.walk();
    collect(cursor, text, faults);
    cursor.delete();
  }
  if (language.id === "python") {
    faults.push(...indentationFaults(tree, text), ...pythonRuleFaults(tree));
  }
  faults.push(...tagFaults(tree, language), ...closingWordFaults(tree, language, text));
  return faults.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Goes only into nodes that hold an error, and not into an error itself. */
function collect(cursor: TreeCursor, text: string, faults: Fault[]): void {
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
    } else if (node.hasError && cursor.gotoFirstChild()) {
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) return;
    }
  }
}
