// Python's rules of lines, which its grammar takes lightly: statements of a block stand at one column, a
// block is deeper than what it belongs to, none is empty, and a statement ends with its line.

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

/** What may begin a line in a statement, or begins where its first part does. */
const beginsLines = /^(?:comment|decorator|(?:function|class)_definition|block)$/;

const bracket: Readonly<Record<string, number>> = {
  "(": 1,
  "[": 1,
  "{": 1,
  ")": -1,
  "]": -1,
  "}": -1,
};

/**
 * Faults of indentation and statements that go on behind their line, in order; what lies inside a syntax
 * error is not judged. With `unfinishedFrom` the text goes on: its last block may be empty yet, and what
 * begins before that offset was judged already.
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
  // Without its end or amid errors nobody knows which brackets are open.
  const judgesLines = !unfinished && !tree.rootNode.hasError;
  let brackets = 0;
  /** Where the last statement or part of one begins that may begin a line. */
  let begun = cursor.startIndex;
  do {
    const block = blocks.at(-1)!;
    const type = cursor.nodeType;
    const isPart = (depth === block.depth + 1 && cursor.nodeIsNamed) || clauses.has(type);
    const isEmpty = type === "block" && cursor.startIndex === cursor.endIndex;
    const wrong = isEmpty
      ? !unfinished || goesOn(text, cursor.endIndex)
      : isPart && standsWrong(cursor, text, block);
    if (wrong && (isEmpty || cursor.startIndex >= from)) faults.push(faultAt(cursor, text));
    if (isPart || beginsLines.test(type)) begun = cursor.startIndex;
    else if (judgesLines && brackets === 0 && cursor.startIndex !== begun) {
      const isOnNewLine = indentBefore(cursor, text) !== undefined;
      if (isOnNewLine) faults.push({ ...faultAt(cursor, text), kind: "error" });
      if (isOnNewLine) begun = cursor.startIndex;
    }
    brackets += bracket[type] ?? 0;
    const skip = type === "ERROR" || type === "string" || cursor.endIndex < reach;
    const opens = type === "block";
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
  const indent = indentBefore(cursor, text);
  if (indent === undefined) return false;
  const column = width(indent);
  if (block.column !== undefined) return column !== block.column;
  block.column = column;
  return column <= block.outer;
}

/** What stands before a node that begins a line; undefined for one that does not, or continues one. */
function indentBefore(cursor: TreeCursor, text: string): string | undefined {
  const begin = cursor.startIndex;
  const lineStart = text.lastIndexOf("\n", begin - 1) + 1;
  const indent = text.slice(lineStart, begin);
  const continued = /\\\r?\n$/.test(text.slice(Math.max(0, lineStart - 3), lineStart));
  return continued || !/^[ \t\f]*$/.test(indent) ? undefined : indent;
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
