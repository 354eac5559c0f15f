// Statements as lines: those of a block moved to where the block stands, those of a block moved into
// another, and a condition turned into its opposite.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import { hasLongText, indentAt } from "../../rewrite.ts";

/**
 * The lines within a block's brackets, indented as the line that the block begins on, with the last
 * one's end. Undefined for a block of one line, and for texts over several lines, which would change.
 */
export function outdented(text: string, block: SyntaxNode): string | undefined {
  const outer = indentAt(text, block.from);
  const lines = innerLines(text, block);
  const first = lines?.find((line) => line.trim() !== "");
  if (lines === undefined || first === undefined || hasLongText(block)) return undefined;
  const inner = indentAt(first, first.length);
  if (!inner.startsWith(outer) || inner === outer) return undefined;
  const moved = lines.map((line) => {
    if (line.trim() === "") return "";
    return line.startsWith(inner) ? outer + line.slice(inner.length) : undefined;
  });
  return moved.includes(undefined) ? undefined : `${moved.join("\n")}\n`;
}

/** Whole lines of code, one step further in. */
export function indented(lines: string, step: string): string {
  return lines
    .split("\n")
    .map((line) => (line === "" ? line : step + line))
    .join("\n");
}

/** The lines between the brackets; undefined where they share their lines. */
export function innerLines(text: string, block: SyntaxNode): string[] | undefined {
  const inside = text.slice(block.from + 1, block.to - 1);
  const lines = inside.split("\n");
  const [first, last] = [lines.shift(), lines.pop()];
  return first?.trim() === "" && last?.trim() === "" ? lines : undefined;
}

const opposites: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "==": "!=",
  "!=": "==",
};

/** The opposite of a condition, without brackets round it, as a person would write it. */
export function negated(condition: SyntaxNode): string {
  const { type, text } = condition;
  if (type === "parenthesized_expression" && condition.named.length === 1) {
    return negated(condition.named[0]!);
  }
  const argument = condition.field("argument");
  if (type === "unary_expression" && text.startsWith("!") && argument !== null) {
    const isWrapped = argument.type === "parenthesized_expression";
    return isWrapped ? argument.text.slice(1, -1).trim() : argument.text;
  }
  const operator = type === "binary_expression" ? condition.field("operator") : null;
  const opposite = operator === null ? undefined : opposites[operator.text];
  if (operator !== null && opposite !== undefined) {
    const at = operator.from - condition.from;
    return text.slice(0, at) + opposite + text.slice(at + operator.text.length);
  }
  const isSimple = /^(?:identifier|member_expression|call_expression|subscript_expression)$/;
  return isSimple.test(type) ? `!${text}` : `!(${text})`;
}
