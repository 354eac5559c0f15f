// Python's rule of blocks, which its grammar takes lightly: statements of a block stand at one column,
// a block is deeper than what it belongs to, and none is empty.

import type { Tree, TreeCursor } from "web-tree-sitter";
import { excerpt, type Fault } from "./fault.ts";

interface Block {
  /** Depth of its node in the tree. */
  readonly depth: number;
  /** Its statements must stand deeper than this. */
  readonly outer: number;
  /** Column of its statements; undefined until the first that begins a line. */
  column: number | undefined;
}

/** Parts of a statement that begin a line at the statement's own column. */
const clauses = new Set(["elif_clause", "else_clause", "except_clause", "finally_clause"]);

/**
 * Faults of indentation, in order; what lies inside a syntax error is not judged. With
 * `unfinishedFrom` the text goes on: its last block may be empty yet, and what begins before that
 * offset was judged already.
 */
export function indentationFaults(tree: Tree, text: string, unfinishedFrom?: number): Fault[] {
  const unfinished = unfinishedFrom !== undefined;
  const from = unfinishedFrom ?? 0;
  // A block that was empty so far belongs to the last line of code before.
  const reach = lastCodeLine(text, from);
  const faults: Fault[] = [];
  const blocks: Block[] = [{ depth: 0, outer: -1, column: 0 }];
  const cursor = tree.walk();
  let depth = 0;
  do {
    const block = blocks.at(-1)!;
    const isStatement = depth === block.depth + 1 && cursor.nodeIsNamed;
    const isEmpty = cursor.nodeType === "block" && cursor.startIndex === cursor.endIndex;
    const wrong = isEmpty
      ? !unfinished || goesOn(text, cursor.endIndex)
      : (isStatement || clauses.has(cursor.nodeType)) && standsWrong(cursor, text, block);
    if (wrong && (isEmpty || cursor.startIndex >= from)) faults.push(faultAt(cursor, text));
    const skip = cursor.nodeType === "ERROR" || cursor.endIndex < reach;
    const opens = cursor.nodeType === "block";
    if (!skip && cursor.gotoFirstChild()) {
      if (opens) blocks.push({ depth, outer: block.column ?? 0, column: undefined });
      depth++;
      continue;
    }
    while (depth > 0 && !cursor.gotoNextSibling()) {
      cursor.gotoParent();
      depth--;
      if (blocks.length > 1 && blocks.at(-1)!.depth === depth) blocks.pop();
    }
  } while (depth > 0);
  cursor.delete();
  return faults;
}

/** Whether a node that begins a line stands at another column than its block, which it may set. */
function standsWrong(cursor: TreeCursor, text: string, block: Block): boolean {
  if (/^(?:comment|ERROR)$/.test(cursor.nodeType) || cursor.nodeIsMissing) return false;
  const begin = cursor.startIndex;
  const lineStart = text.lastIndexOf("\n", begin - 1) + 1;
  const indent = text.slice(lineStart, begin);
  const continued = lineStart >= 2 && text.startsWith("\\\n", lineStart - 2);
  if (continued || !/^[ \t\f]*$/.test(indent)) return false;
  const column = width(indent);
  if (block.column !== undefined) return column !== block.column;
  block.column = column;
  return column <= block.outer;
}

/** Whether the lines after an offset hold code. */
function goesOn(text: string, offset: number): boolean {
  const next = text.indexOf("\n", offset);
  return next >= 0 && /^[ \t\f]*[^\s#]/m.test(text.slice(next));
}

/** Where the last line before an offset that holds code starts. */
function lastCodeLine(text: string, offset: number): number {
  for (let end = offset; end > 0; ) {
    const start = text.lastIndexOf("\n", end - 2) + 1;
    if (/^[ \t\f]*[^\s#]/.test(text.slice(start, end))) return start;
    end = start;
  }
  return 0;
}

function faultAt(cursor: TreeCursor, text: string): Fault {
  const { row: line, column } = cursor.startPosition;
  return { line, column, kind: "indentation", text: excerpt(text, cursor.startIndex, text.length) };
}

/** Columns of an indentation, a tab reaching to the next multiple of eight. */
function width(indent: string): number {
  let columns = 0;
  for (const character of indent) {
    if (character === "\f") columns = 0;
    else columns = character === "\t" ? columns - (columns % 8) + 8 : columns + 1;
  }
  return columns;
}
