// What an edit starts from: the text, its language and syntax tree, the region to rewrite and the
// prompt that asks for it.

import type { Language } from "../syntax/languages.ts";
import type { SyntaxTree } from "../syntax/syntax.ts";
import type { EditPrompt } from "./prompt.ts";
import { type Region, regionText } from "./region.ts";
import type { SourceText } from "./text-file.ts";

export interface EditPlan {
  readonly source: SourceText;
  readonly instruction: string;
  readonly language: Language | undefined;
  /** The original's tree; undefined for a language without a grammar. */
  readonly tree: SyntaxTree | undefined;
  /** Undefined for the whole text. */
  readonly region: Region | undefined;
  /** The region's text as the model sees it, without a newline at its end. */
  readonly code: string;
  readonly prompt: EditPrompt;
}

/** The text to rewrite, without newlines at its end. */
export function codeOf({ text }: SourceText, region: Region | undefined): string {
  return (region === undefined ? text : regionText(text, region)).replace(/\n+$/, "");
}
