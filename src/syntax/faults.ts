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
  const list = statementLists[language.id];
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
      if (list?.test(node.type)) faults.push(...lackingLineBreaks(node));
      if (cursor.gotoFirstChild()) continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) return;
    }
  }
}

/** Nodes of which each child is a line of its own, in languages whose missing line breaks have no node. */
const statementLists: Readonly<Record<string, RegExp>> = {
  python: /^(?:module|block)$/,
  go: /^(?:source_file|block|statement_list|import_spec_list)$/,
};

/** Statements that begin on the line where the one before ends, with nothing between them. */
function lackingLineBreaks({ children }: Node): Fault[] {
  const isStatement = (node: Node | null | undefined): node is Node =>
    node?.isNamed === true && !node.isError && !node.isMissing && node.type !== "comment";
  return children.flatMap((child, i) => {
    const before = children[i - 1];
    if (!isStatement(child) || !isStatement(before)) return [];
    const { row: line, column } = child.startPosition;
    if (before.endPosition.row !== line) return [];
    return [{ line, column, kind: "missing" as const, text: "a line break" }];
  });
}
