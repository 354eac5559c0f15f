// Python's rule of blocks, which its grammar takes lightly: statements of a block stand at one column,
// a block is deeper than what it belongs to, and none is empty.

import type { Tree, TreeCursor } from "web-tree-sitter";
import { excerpt, type Fault } from "./fault.ts";

interface Block {
  /** Column of its statements; undefined until the first that begins a line. */
  column: number | undefined;
  /** Its statements must stand deeper than this. */
  readonly outer: number;
}

/** Faults of indentation, in order; what lies inside a syntax error is not judged. */
export function indentationFaults(tree: Tree, text: string): Fault[] {
  const faults: Fault[] = [];
  const cursor = tree.walk();
  const blocks: Block[] = [{ column: 0, outer: -1 }];
  const opened: number[] = [0];
  let depth = 0;
  if (!cursor.gotoFirstChild()) return faults;
  depth++;
  for (;;) {
    judge(cursor, text, blocks.at(-1)!, opened.at(-1) === depth - 1, faults);
    const isBlock = cursor.nodeType === "block";
    if (cursor.nodeType !== "ERROR" && cursor.gotoFirstChild()) {
      if (isBlock) {
        blocks.push({ column: undefined, outer: blocks.at(-1)!.column ?? 0 });
        opened.push(depth);
      }
      depth++;
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      cursor.gotoParent();
      depth--;
      if (depth === 0) {
        cursor.delete();
        return faults;
      }
      if (opened.at(-1) === depth) {
        opened.pop();
        blocks.pop();
      }
    }
  }
}

/** Checks a node that is a statement of `block` and the first of its line, or an empty block. */
function judge(
  cursor: TreeCursor,
  text: string,
  block: Block,
  isStatement: boolean,
  faults: Fault[],
): void {
  const begin = cursor.startIndex;
  if (cursor.nodeType === "block" && begin === cursor.endIndex) faults.push(faultAt(cursor, text));
  if (!isStatement || !cursor.nodeIsNamed || cursor.nodeType === "comment") return;
  if (cursor.nodeType === "ERROR" || cursor.nodeIsMissing) return;
  const lineStart = text.lastIndexOf("\n", begin - 1) + 1;
  const indent = text.slice(lineStart, begin);
  const continued = text.startsWith("\\\n", lineStart - 2) && lineStart >= 2;
  if (continued || !/^[ \t\f]*$/.test(indent)) return;
  const column = width(indent);
  if (block.column === undefined) {
    block.column = column;
    if (column <= block.outer) faults.push(faultAt(cursor, text));
  } else if (column !== block.column) {
    faults.push(faultAt(cursor, text));
  }
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
