// Takes the rewritten text out of a model's answer: out of its code fence and whatever talk stands
// round it. What is not certainly a whole answer is refused with the reason.

import { similarity } from "../patch/line-alignment.ts";

export interface AnswerContext {
  /** What the model was asked to rewrite, LF. */
  readonly original: string;
  /** "stop" when the model ended its turn or closed its fence, "length" when it was cut off. */
  readonly finishReason: "stop" | "length";
  /** True where the prompt itself opened the fence: the answer starts inside it. */
  readonly insideFence: boolean;
  /** The fence that the prompt uses: as many backticks as it takes. */
  readonly fence: string;
  /** Whether that fence at a line's start was a stop text, so that it ended the answer and is not in it. */
  readonly stopsAtFence: boolean;
}

export type Answer = { readonly text: string } | { readonly refused: string };

interface Block {
  readonly lines: readonly string[];
  readonly closed: boolean;
}

/**
 * The rewritten text in `answer`, with `original`'s leading indentation kept as the model gave it.
 * Of several fenced blocks the one most like the original is taken; a block that is not closed
 * counts only where the model stopped by itself.
 */
export function extractAnswer(answer: string, context: AnswerContext): Answer {
  // A model may repeat the CR: one that stayed would give a file of LF a line of CRLF.
  const text = answer.replace(/(?<!\r)\r+\n/g, "\n");
  // A model that opens a fence of its own was not continuing the one that the prompt opened.
  const own = /^\s*(`{3,})[^`\n]*\n/.exec(text)?.[1] ?? "";
  const first = /^\s*(`{3,})/.exec(context.original)?.[1] ?? "";
  const { length } = context.fence;
  const reopened = own.length >= length && first.length < length;
  const continues = context.insideFence && !reopened;
  const fences = closingLines(context.original.split("\n"), context.fence);
  if (continues && fences.length > 0) return amongOwnFences(text, context, fences.length);
  const opening = continues ? `${context.fence}\n` : "";
  const blocks = fencedBlocks((opening + text).split("\n"));
  if (blocks.length === 0) return withoutFence(text, context);
  const best = mostAlike(blocks, context.original);
  if (!best.closed && context.finishReason === "length") return { refused: truncated };
  const code = best.lines.join("\n");
  if (isTalk(code, context.original)) return { refused: noCode };
  return nonEmpty(code);
}

/** Whether a text is none that rewrites the original: much shorter, and without one of its lines. */
function isTalk(text: string, original: string): boolean {
  const [length, before] = [text, original].map((lines) => lines.trim().split("\n").length);
  return text.trim() !== "" && length! * 2 < before! && similarity(original, text) === 0;
}

/**
 * The answer to a text that has lines like the fence's end itself. Where no stop text told its own end
 * from them, that is the one after as many as the text has: with more or fewer it is not certain.
 */
function amongOwnFences(answer: string, context: AnswerContext, count: number): Answer {
  const { fence, finishReason, stopsAtFence } = context;
  if (stopsAtFence) {
    if (finishReason === "length") return { refused: truncated };
    return isTalk(answer, context.original) ? { refused: noCode } : nonEmpty(answer);
  }
  const lines = answer.split("\n");
  const ends = closingLines(lines, fence);
  if (ends.length === count + 1) return nonEmpty(lines.slice(0, ends[count]).join("\n"));
  return { refused: "the text has code fences of its own, and the answer does not keep them" };
}

/** Indices of the lines that would close `fence`, opened at the line's start. */
function closingLines(lines: readonly string[], fence: string): number[] {
  return lines.flatMap((line, at) => (closesFence(line, fence) ? [at] : []));
}

const truncated = "the answer was cut off before its end";
const noCode = "the answer holds no code";

function nonEmpty(text: string): Answer {
  return text.trim() === "" ? { refused: "the answer is empty" } : { text };
}

/** An answer without any fence is code only if it looks like what was sent; else it is talk. */
function withoutFence(answer: string, context: AnswerContext): Answer {
  if (answer.trim() === "") return { refused: "the answer is empty" };
  if (context.finishReason === "length") return { refused: truncated };
  if (similarity(context.original, answer) < 0.5) {
    return { refused: "the answer holds no code block" };
  }
  return { text: answer.replace(/^\n+|\s+$/g, "") };
}

function mostAlike(blocks: readonly Block[], original: string): Block {
  let best = blocks[0]!;
  let bestScore = -1;
  for (const block of blocks) {
    const score = similarity(original, block.lines.join("\n"));
    if (score > bestScore) [best, bestScore] = [block, score];
  }
  return best;
}

const fence = /^( *)(`{3,}|~{3,})(.*)$/;

/**
 * The fenced blocks of a Markdown text. As in CommonMark a fence is closed by one of the same
 * character, at least as long, nothing after it, at most three columns further in: a fence inside
 * a doc comment of the code does not end the block.
 */
function fencedBlocks(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const open = fence.exec(lines[at]!);
    if (open === null || (open[2]!.startsWith("`") && open[3]!.includes("`"))) continue;
    const indent = open[1]!.length;
    let end = at + 1;
    while (end < lines.length && !closes(lines[end]!, open[2]!, indent)) end++;
    const body = lines.slice(at + 1, end).map((line) => dedent(line, indent));
    blocks.push({ lines: body, closed: end < lines.length });
    at = end;
  }
  return blocks;
}

/** Whether a line closes a fence that was opened at its line's start. */
export function closesFence(line: string, opening: string): boolean {
  return closes(line, opening, 0);
}

function closes(line: string, opening: string, indent: number): boolean {
  const found = fence.exec(line);
  if (found === null || found[3]!.trim() !== "") return false;
  const deep = found[1]!.length > indent + 3;
  return !deep && found[2]![0] === opening[0] && found[2]!.length >= opening.length;
}

/** The line without up to `columns` leading spaces. */
function dedent(line: string, columns: number): string {
  let at = 0;
  while (at < columns && line[at] === " ") at++;
  return line.slice(at);
}
