// What has a colour in a text, told by the types of the nodes that every grammar names alike: one
// table for all languages.

import type { Tree, TreeCursor } from "web-tree-sitter";

export type TokenKind =
  | "keyword"
  | "string"
  | "comment"
  | "number"
  | "constant"
  | "function"
  | "type"
  | "property";

/** UTF-16 offsets, `end` exclusive. */
export interface Token {
  readonly start: number;
  readonly end: number;
  readonly kind: TokenKind;
}

interface Parent {
  readonly type: string;
  readonly field: string | null;
  /** Whether what it holds is the text of a string. */
  readonly inString: boolean;
}

/** Tokens between two offsets, in order, without overlap; pieces of one string joined. */
export function tokensOf(tree: Tree, text: string, from: number, to: number): Token[] {
  const tokens: Token[] = [];
  const parents: Parent[] = [];
  const cursor = tree.walk();
  for (;;) {
    const outside = cursor.endIndex <= from || cursor.startIndex >= to;
    if (!outside && !isComment(cursor) && !isPlainString(cursor)) {
      const inString = holdsText(cursor, parents.at(-1)?.inString === true);
      const parent = { type: cursor.nodeType, field: cursor.currentFieldName, inString };
      if (cursor.gotoFirstChild()) {
        parents.push(parent);
        continue;
      }
    }
    const kind = outside ? undefined : kindOf(cursor, text, parents);
    if (kind !== undefined) add(tokens, cursor, kind);
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) {
        cursor.delete();
        return tokens;
      }
      parents.pop();
    }
  }
}

function add(tokens: Token[], { startIndex: start, endIndex: end }: TreeCursor, kind: TokenKind) {
  const last = tokens.at(-1);
  if (start === end) return;
  if (kind === "string" && last?.kind === kind && last.end === start) {
    tokens[tokens.length - 1] = { start: last.start, end, kind };
  } else tokens.push({ start, end, kind });
}

function isComment(cursor: TreeCursor): boolean {
  return cursor.nodeIsNamed && cursor.nodeType.includes("comment");
}

const stringType = /string|char_literal|character_literal|^rune|heredoc|regex|quoted|text_block/;
const codeInString = /interpolation|substitution|expansion|format_expression/;

/** Whether a node's own text is that of a string: in one, and not in code within it. */
function holdsText(cursor: TreeCursor, outer: boolean): boolean {
  if (!cursor.nodeIsNamed || codeInString.test(cursor.nodeType)) return false;
  return outer || stringType.test(cursor.nodeType);
}

/** A string that holds no code: one token, whatever its grammar makes of it. */
function isPlainString(cursor: TreeCursor): boolean {
  if (!cursor.nodeIsNamed || !stringType.test(cursor.nodeType)) return false;
  return !cursor.currentNode.namedChildren.some((child) => codeInString.test(child!.type));
}

const numberType = /number|integer|float|decimal|numeric|^int_literal|imaginary|rational/;
const typeType =
  /^(?:type_identifier|primitive_type|predefined_type|integral_type|floating_point_type|boolean_type|void_type|implicit_type|namespace_identifier)$/;
const propertyType = /^(?:property_|private_property_|field_|attribute_name|bare_key|shorthand_)/;
const nameType =
  /^(?:identifier|name|word|constant|function_name|field_identifier|property_identifier)$/;
const constants =
  /^(?:true|false|null|none|nil|undefined|null_literal|boolean_scalar|null_scalar|boolean)$/i;

function kindOf(
  cursor: TreeCursor,
  text: string,
  parents: readonly Parent[],
): TokenKind | undefined {
  const type = cursor.nodeType;
  if (isComment(cursor)) return "comment";
  const parent = parents.at(-1);
  const field = cursor.currentFieldName;
  const isKey = field === "key" || parents.slice(-2).some((above) => above.field === "key");
  if (parent?.inString === true || (cursor.nodeIsNamed && stringType.test(type))) {
    return isKey ? "property" : "string";
  }
  if (!cursor.nodeIsNamed) return isWord(text, cursor) ? wordKind(type) : undefined;
  if (isKey) return "property";
  if (numberType.test(type)) return "number";
  if (constants.test(type)) return "constant";
  if (typeType.test(type)) return "type";
  if (type === "tag_name" || /^(?:self|this|super|crate|mutable_specifier)$/.test(type)) {
    return "keyword";
  }
  if (nameType.test(type)) return nameKind(type, field, parents);
  return propertyType.test(type) ? "property" : undefined;
}

function isWord(text: string, { startIndex, endIndex }: TreeCursor): boolean {
  return /^[#@]?[a-z][\w-]*$/i.test(text.slice(startIndex, endIndex));
}

function wordKind(word: string): TokenKind {
  return word !== "boolean" && constants.test(word) ? "constant" : "keyword";
}

const callee = /^(?:function|method)$/;
const member = /member_expression|attribute|field_expression|selector_expression|scoped_identifier/;
const typeParent =
  /class|interface|struct|enum|trait|union|record|type_(?:spec|alias|item)|^base_list|superclass/;

/** A name is what it names by where it stands: called, defined, a class's, a member's. */
function nameKind(
  type: string,
  field: string | null,
  parents: readonly Parent[],
): TokenKind | undefined {
  const parent = parents.at(-1);
  const holder = parent?.type ?? "";
  if (field !== null && callee.test(field)) return "function";
  if (field === "name" && /function|method|macro|invocation|^command_name/.test(holder)) {
    return "function";
  }
  if (type === "function_name" || holder === "command_name") return "function";
  const isLast = field !== "object" && field !== "operand" && field !== "value" && field !== "path";
  if (member.test(holder) && isLast) {
    return callee.test(parent?.field ?? "") ? "function" : "property";
  }
  if (holder === "function_declarator" && field === "declarator") return "function";
  if (field === "name" && typeParent.test(holder)) return "type";
  if (field === "type" || holder === "type" || holder === "superclasses") return "type";
  return propertyType.test(type) ? "property" : undefined;
}
