// What a judge of edits is asked and answers. Each kind has one that looks at what the instruction wanted:
// the target's tree where only one answer is right, else a property.

import type { SyntaxNode } from "../../syntax/node.ts";
import type { EditExample } from "../../training/edits/example.ts";

export interface Question {
  readonly row: Pick<EditExample, "kind" | "language" | "instruction" | "facts" | "name">;
  /** Roots of three texts that parse: the one that was edited, what it should be, what it is. */
  readonly before: SyntaxNode;
  readonly target: SyntaxNode;
  readonly answer: SyntaxNode;
}

export interface Judgement {
  /** "open": nothing speaks against it, and only a person or a test could say more. */
  readonly verdict: "success" | "wrong" | "open";
  /** Why it is not a success, as one sentence fragment. */
  readonly reason?: string;
  /** Whether it is wrong for nothing but types that the instruction does not name. */
  readonly hasOtherTypes?: boolean;
}

export type Judge = (question: Question) => Judgement;

export const success: Judgement = { verdict: "success" };

export function wrong(reason: string): Judgement {
  return { verdict: "wrong", reason };
}

export const changedElse = wrong("it changes something else");
