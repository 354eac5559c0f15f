// Where a statement of a Python function is, in words: "at the start", "when x is None", "after `y = f()`".
// An instruction that asks for the statement says so.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import { docstringOf } from "./structure.ts";

const quotedMax = 60;

/** Undefined where a few words do not say it. */
export function placeOf(statement: SyntaxNode, definition: SyntaxNode): string | undefined {
  const block = statement.parent;
  if (block?.type !== "block") return undefined;
  const siblings = block.named.filter(
    (one) => one.type !== "comment" && one !== docstringOf(definition),
  );
  const at = siblings.indexOf(statement);
  const holder = block.parent!;
  if (at > 0) return after(siblings[at - 1]!, definition) ?? before(siblings[at + 1], definition);
  if (holder === definition) return "at the start";
  return isOnlyHolder(holder, definition) ? within(holder) : undefined;
}

/** Whether no other statement of the function begins with the same line. */
export function beginsAlone(statement: SyntaxNode, definition: SyntaxNode): boolean {
  const line = firstLine(statement);
  const alike = [...descendants(definition)].filter(
    (node) => node.parent?.type === "block" && firstLine(node) === line,
  );
  return alike.length === 1;
}

function firstLine({ text }: SyntaxNode): string {
  return text.split("\n", 1)[0]!;
}

/** Whether no other block of the function has the same condition, loop or exception. */
function isOnlyHolder(holder: SyntaxNode, definition: SyntaxNode): boolean {
  const place = within(holder);
  return [...descendants(definition)].filter((node) => within(node) === place).length === 1;
}

/** As the first thing in a block. */
function within(holder: SyntaxNode): string | undefined {
  if (holder.type === "if_statement" || holder.type === "elif_clause") {
    return said("when `", holder.field("condition"), "`");
  }
  if (holder.type === "for_statement")
    return said("at the start of the loop over `", holder.field("right"), "`");
  if (holder.type === "while_statement")
    return said("at the start of the loop `while ", holder.field("condition"), "`");
  if (holder.type === "except_clause")
    return said("when `", holder.named[0] ?? null, "` is caught");
  return undefined;
}

function after(statement: SyntaxNode, definition: SyntaxNode): string | undefined {
  return beginsAlone(statement, definition) ? said("after `", statement, "`") : undefined;
}

function before(statement: SyntaxNode | undefined, definition: SyntaxNode): string | undefined {
  if (statement === undefined || !beginsAlone(statement, definition)) return undefined;
  return said("before `", statement, "`");
}

function said(start: string, node: SyntaxNode | null, end: string): string | undefined {
  const text = node?.text ?? "";
  if (text === "" || text.length > quotedMax || text.includes("\n") || text.includes("`")) {
    return undefined;
  }
  return start + text + end;
}
