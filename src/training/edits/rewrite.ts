// Changes to a text by place: ranges that give way to other text, whole lines that go. What a kind of
// edit takes away, it takes away so.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";

export interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The text with every range replaced; ranges must not overlap. */
export function rewritten(text: string, replacements: readonly Replacement[]): string {
  const ordered = [...replacements].sort((a, b) => a.from - b.from);
  let result = "";
  let at = 0;
  for (const { from, to, text: replacement } of ordered) {
    result += text.slice(at, from) + replacement;
    at = to;
  }
  return result + text.slice(at);
}

/** The node's lines with the last one's end; undefined where it shares a line with something else. */
export function wholeLines(text: string, { from, to }: Pick<SyntaxNode, "from" | "to">) {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const newline = text.indexOf("\n", to);
  const end = newline < 0 ? text.length : newline + 1;
  const shares = text.slice(start, from).trim() !== "" || text.slice(to, end).trim() !== "";
  return shares ? undefined : { from: start, to: end };
}

/** The lines moved together so that the first of them begins at `margin`; blank ones stay blank. */
export function movedLines(text: string, margin: string): string {
  const lines = text.split("\n");
  const first = lines.find((line) => line.trim() !== "") ?? "";
  const indent = /^[ \t]*/.exec(first)![0];
  const moved = lines.map((line) => {
    if (line.trim() === "") return "";
    return line.startsWith(indent) ? margin + line.slice(indent.length) : line;
  });
  return moved.join("\n");
}

/** What a text that goes over several lines may be, in Python and in scripts. */
const texts = new Set(["string", "template_string", "jsx_text"]);

/** Whether a text of several lines is below, which does not move with the lines around it. */
export function hasLongText(node: SyntaxNode): boolean {
  return [...descendants(node)].some(({ type, text }) => texts.has(type) && text.includes("\n"));
}

/** What the line that `at` is in is indented by. */
export function indentAt(text: string, at: number): string {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, at))![0];
}

/** Whether nothing stands before it in its line. */
export function startsLine(text: string, at: number): boolean {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, at).trim() === "";
}

/** Whole lines, with the blank ones behind them. */
export function withBlankLines(text: string, lines: { from: number; to: number }) {
  const blank = /^(?:[ \t]*\n)*/.exec(text.slice(lines.to))![0].length;
  return { from: lines.from, to: lines.to + blank };
}
