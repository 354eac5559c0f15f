// What has a colour in a text, told by the types of the nodes that every grammar names alike: one
// table for all languages.

import type { Tree } from "web-tree-sitter";

export type TokenKind =
  | "keyword"
  | "string"
  | "comment"
  | "number"
  | "function"
  | "type"
  | "property"
  | "constant";

/** UTF-16 offsets, `end` exclusive. */
export interface Token {
  readonly start: number;
  readonly end: number;
  readonly kind: TokenKind;
}

export function tokensOf(_tree: Tree, _text: string, _from: number, _to: number): Token[] {
  return [];
}
