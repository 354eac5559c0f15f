// The parts of a text that a person names: functions, methods, classes, types, rules, tables. Each is
// a range of whole lines with its decorators and the comment above it, so that it can be rewritten.

import type { Node, Tree } from "web-tree-sitter";
import type { Language } from "./languages.ts";
import type { UnitKind, UnitRule } from "./unit-rule.ts";
import { unitRules } from "./unit-rules.ts";

export type { UnitKind };

export interface Unit {
  /** Dotted for one inside another: "Stack.push". */
  readonly name: string;
  readonly kind: UnitKind;
  /** Lines from `start` (from 0) up to and without `end`. */
  readonly start: number;
  readonly end: number;
  /** What its first line is indented by. */
  readonly indent: string;
  /** The line after its signature: the body begins there, or on the line before it. */
  readonly signatureEnd: number;
}

interface Enclosing {
  /** Path of the name: what it holds is called after it. */
  readonly path: string;
  readonly holdsMethods: boolean;
  readonly depth: number;
}

/** Every unit in order of its place; of two that begin together the outer one first. */
export function unitsOf(tree: Tree, language: Language, text: string): Unit[] {
  const rules = unitRules[language.id] ?? {};
  const lineStarts = startsOfLines(text);
  const units: Unit[] = [];
  const enclosing: Enclosing[] = [];
  const cursor = tree.walk();
  let depth = 0;
  for (;;) {
    const rule = cursor.nodeIsNamed ? rules[cursor.nodeType] : undefined;
    if (rule !== undefined) {
      const node = cursor.currentNode;
      const path = pathOf(node, rule, enclosing);
      if (path !== undefined) {
        const unit = unitAt(node, path, rule, enclosing.at(-1), lineStarts, text);
        if (unit !== undefined) add(units, unit, node);
        enclosing.push(holder(path, rule, enclosing.at(-1), depth));
      }
    }
    if (cursor.gotoFirstChild()) {
      depth++;
      continue;
    }
    for (;;) {
      if (enclosing.at(-1)?.depth === depth) enclosing.pop();
      if (cursor.gotoNextSibling()) break;
      if (!cursor.gotoParent()) {
        cursor.delete();
        return units;
      }
      depth--;
    }
  }
}

/** An overload's signature is part of the function that follows it. */
function add(units: Unit[], unit: Unit, node: Node): void {
  const last = units.at(-1);
  const overload = node.previousNamedSibling?.type.endsWith("_signature") === true;
  const joined = last?.name === unit.name && last.end === unit.start && last.kind === unit.kind;
  if (joined && (overload || wraps(node.parent!))) units.pop();
  units.push(joined ? { ...unit, start: last.start } : unit);
}

function holder(
  path: string,
  rule: UnitRule,
  outer: Enclosing | undefined,
  depth: number,
): Enclosing {
  const { holdsMethods = false, silent = false } = rule;
  return { path: silent ? (outer?.path ?? "") : path, holdsMethods, depth };
}

/** The unit's whole name; undefined where the node is no unit. */
function pathOf(node: Node, rule: UnitRule, enclosing: readonly Enclosing[]): string | undefined {
  if (rule.depthMax !== undefined && enclosing.length > rule.depthMax) return undefined;
  const own = rule.name(node);
  if (own === undefined || own === "") return undefined;
  const outer = rule.alone === true ? "" : (enclosing.at(-1)?.path ?? "");
  return outer === "" ? own : `${outer}.${own}`;
}

/** Nodes that belong to the unit that they hold: decorators, `export`, `template <...>`. */
const wrappers = new Set([
  "decorated_definition",
  "export_statement",
  "template_declaration",
  "ambient_declaration",
  "expression_statement",
]);

/** Nodes that belong to the unit only where they hold nothing else: `const f = ...`, `type A ...`. */
const soleWrappers = new Set(["lexical_declaration", "variable_declaration", "type_declaration"]);

function wraps(parent: Node): boolean {
  return (
    wrappers.has(parent.type) || (soleWrappers.has(parent.type) && parent.namedChildCount === 1)
  );
}

/** What stands above a unit and belongs to it. */
const leading = new Set([
  "comment",
  "line_comment",
  "block_comment",
  "attribute_item",
  "decorator",
  "attribute",
]);

function unitAt(
  node: Node,
  name: string,
  rule: UnitRule,
  outer: Enclosing | undefined,
  lineStarts: readonly number[],
  text: string,
): Unit | undefined {
  if (rule.kind === undefined) return undefined;
  const kind = rule.kind === "function" && outer?.holdsMethods === true ? "method" : rule.kind;
  let whole = node;
  while (whole.parent !== null && wraps(whole.parent)) whole = whole.parent;
  const indent = /^[ \t]*/.exec(text.slice(lineStarts[whole.startPosition.row]))![0];
  const start = withLeading(whole, indent, lineStarts, text);
  const end = withoutTail(whole, lineStarts, text);
  const body = rule.body === undefined ? node.childForFieldName("body") : rule.body(node);
  const bodyStart = body === null ? end : signatureEnd(body, lineStarts, text);
  return { name, kind, start, end, indent, signatureEnd: Math.min(bodyStart, end) };
}

/** The line after the node's last one, without comments that stand at its end. */
function lineAfter(node: Node): number {
  let last = node;
  for (;;) {
    let child = last.lastChild;
    if (child === null || child.endIndex < last.endIndex) break;
    while (child?.isExtra) child = child.previousSibling;
    if (child === null) break;
    last = child;
  }
  const { row, column } = last.endPosition;
  return column === 0 && row > node.startPosition.row ? row : row + 1;
}

/** The first line of the comments and decorators that touch the unit from above. */
function withLeading(
  node: Node,
  indent: string,
  lineStarts: readonly number[],
  text: string,
): number {
  let start = node.startPosition.row;
  let sibling = node.previousSibling;
  while (sibling !== null && leading.has(sibling.type)) {
    const { row, column } = sibling.startPosition;
    const lineStart = lineStarts[row]!;
    // A comment behind something else of its line belongs to that.
    if (lineAfter(sibling) < start || text.slice(lineStart, lineStart + column).trim() !== "")
      break;
    start = Math.min(start, row);
    sibling = sibling.previousSibling;
  }
  // The grammars of YAML and TOML put such a comment at the end of what stands before it.
  if (keyed.has(node.type)) {
    while (start > 0 && text.startsWith(`${indent}#`, lineStarts[start - 1])) start--;
  }
  return start;
}

/** The line after the unit; comments and blank lines at the end of a table are not the table's. */
function withoutTail(node: Node, lineStarts: readonly number[], text: string): number {
  let end = lineAfter(node);
  if (!keyed.has(node.type)) return end;
  const tail = /[ \t]*(?:#.*)?(?:\n|$)/y;
  while (end > node.startPosition.row + 1) {
    tail.lastIndex = lineStarts[end - 1]!;
    if (!tail.test(text)) break;
    end--;
  }
  return end;
}

const keyed = new Set(["block_mapping_pair", "pair", "table", "table_array_element"]);

/** The line after the one that the signature ends on: where the body, or its bracket, begins. */
function signatureEnd(body: Node, lineStarts: readonly number[], text: string): number {
  const { row, column } = body.startPosition;
  const before = text.slice(lineStarts[row], lineStarts[row]! + column);
  if (before.trim() !== "" || text[body.startIndex] === "{") return row + 1;
  const previous = body.previousSibling;
  return previous === null ? row : previous.endPosition.row + 1;
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
