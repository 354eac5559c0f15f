// The names of a text: defined, used, imported, and those that are used and come from nowhere. Told by
// the tree alone: no type is known, no other file is read.

import type { Tree } from "web-tree-sitter";
import type { Language } from "./languages.ts";

export interface Definition {
  readonly name: string;
  readonly line: number;
}

export interface Reference {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

export interface ImportedName {
  /** As the module calls it; "*" for all of them, "default" for the default one. */
  readonly name: string;
  /** As this text calls it, where that is another name. */
  readonly alias?: string;
}

export interface Import {
  /** As it is written: "os.path", "./a.ts", "<vector>". */
  readonly module: string;
  /** Empty where the module itself is what is imported. */
  readonly names: readonly ImportedName[];
  readonly line: number;
}

export interface Names {
  readonly definitions: readonly Definition[];
  readonly references: readonly Reference[];
  readonly unresolved: readonly Reference[] | undefined;
  readonly imports: readonly Import[];
}

export function namesOf(_tree: Tree, _language: Language, _text: string): Names {
  return { definitions: [], references: [], unresolved: undefined, imports: [] };
}
