// A row of a file of edits: what is asked for, the text before and after, and where they come from. What
// makes such files, trains on them and measures with them agrees on this.

import type { EditLanguage } from "./kind.ts";

export interface EditExample {
  readonly kind: string;
  readonly language: EditLanguage;
  readonly instruction: string;
  /** One unit as `cromwell edit` shows it, without a newline at its end; so is `after`. Both parse. */
  readonly before: string;
  readonly after: string;
  /** What a judge needs to know of the edit: `{ from, to, what }` of a rename. */
  readonly facts: Readonly<Record<string, string>>;
  readonly repository: string;
  /** From the repository's folder. */
  readonly path: string;
  /** The unit's, dotted for what is in a class. */
  readonly name: string;
  /** An SPDX expression; null where none is known. */
  readonly license: string | null;
}

/** The row with its line's end; keys always in this order. */
export function exampleLine(example: EditExample): string {
  const { kind, language, instruction, before, after, facts } = example;
  const { repository, path, name, license } = example;
  const ordered = { kind, language, instruction, before, after, facts };
  return `${JSON.stringify({ ...ordered, repository, path, name, license })}\n`;
}
