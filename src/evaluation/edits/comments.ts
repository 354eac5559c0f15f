// The comments of a text: what they say, and where they stand in the code. A formatter leaves both as
// they are; who asked for something else expects them to stay.

import type { SyntaxNode } from "../../syntax/node.ts";

export interface Comment {
  /** Without white space at the lines' ends and beginnings. */
  readonly text: string;
  /** How many signs and words of code stand before it. */
  readonly place: number;
}

export function commentsOf(root: SyntaxNode): Comment[] {
  const comments: Comment[] = [];
  let place = 0;
  const visit = (node: SyntaxNode) => {
    if (isComment(node)) comments.push({ text: plain(node.text), place });
    else if (node.children.length === 0) place++;
    else for (const child of node.children) visit(child);
  };
  visit(root);
  return comments;
}

export function isComment({ type }: SyntaxNode): boolean {
  return /comment$/.test(type);
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

export function sameComments(a: SyntaxNode, b: SyntaxNode): boolean {
  return Bun.deepEquals(textsOf(a), textsOf(b));
}

function textsOf(root: SyntaxNode): string[] {
  return commentsOf(root).map(({ text }) => text);
}
