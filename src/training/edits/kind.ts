// A kind of edit that is learnt by reversal: real code that has a quality loses it, and the instruction
// asks for it back, so that what is to be written is what a person wrote.

import type { SyntaxNode } from "../../syntax/node.ts";
import type { SyntaxTree } from "../../syntax/syntax.ts";
import type { Random } from "../random.ts";
import type { FoundTest } from "./repository-tests.ts";

/** TSX counts as TypeScript. */
export type EditLanguage = "python" | "typescript" | "javascript";

export interface EditKind {
  readonly name: string;
  /** By language: what takes the quality away. */
  readonly reversals: Partial<Record<EditLanguage, Reverse>>;
}

/** Undefined where the unit does not have the quality, or losing it would not say what is to come back. */
export type Reverse = (unit: EditUnit, random: Random) => Reversal | undefined;

/** A function, a method, a class or a small file as `cromwell edit` shows it: at the margin. */
export interface EditUnit {
  readonly language: EditLanguage;
  readonly what: "function" | "method" | "class" | "file";
  /** Without a newline at its end. */
  readonly text: string;
  /** Of the unit's own text, parsed alone. A script's method is parsed within a class: its root is the class's body. */
  readonly root: SyntaxNode;
  /** Dotted for what is in a class; a file's is its own. */
  readonly name: string;
  /** The whole file that it is from. */
  readonly file: SyntaxTree;
  /** Of the file, from its repository. */
  readonly path: string;
  /** Small tests of the repository that call a function, the shortest first. */
  readonly testsOf?: (name: string) => readonly FoundTest[];
}

export interface Reversal {
  /** The unit without the quality. */
  readonly before: string;
  /** What the edit should make of it, where that is not the unit's text. */
  readonly after?: string;
  /** Whether there is nothing to do: both texts are the same. */
  readonly areSame?: boolean;
  readonly instruction: string;
  /** What a judge needs: names, values. */
  readonly facts?: Readonly<Record<string, string>>;
}
