// What makes a node of a grammar a unit: the form of the rules in unit-rules.ts, and those that most
// languages share.

import type { Node } from "web-tree-sitter";

export type UnitKind =
  | "function"
  | "method"
  | "class"
  | "interface"
  | "type"
  | "enum"
  | "module"
  | "macro"
  | "rule"
  | "element"
  | "table"
  | "key";

export interface UnitRule {
  /** Undefined for what is no unit itself and only lends its name to what it holds. */
  readonly kind: UnitKind | undefined;
  /** Its own name; undefined where this node is no unit after all. */
  readonly name: (node: Node) => string | undefined;
  /** A function directly inside is a method. */
  readonly holdsMethods?: boolean;
  /** Its name stands alone: not behind the name of what holds it. */
  readonly alone?: boolean;
  /** What it holds is called without its name. */
  readonly silent?: boolean;
  /** Only so deep among other units: 0 is the outermost. */
  readonly depthMax?: number;
  /** Where its body is, if not in the field of that name. */
  readonly body?: (node: Node) => Node | null;
}

export type Rules = Readonly<Record<string, UnitRule>>;

export function field(node: Node, name: string): string | undefined {
  return node.childForFieldName(name)?.text;
}

export const ownName = (node: Node) => field(node, "name");
export const nameWithBody = (node: Node) =>
  node.childForFieldName("body") === null ? undefined : ownName(node);

export const aFunction: UnitRule = { kind: "function", name: ownName };
export const aMethod: UnitRule = { kind: "method", name: ownName };
export const aClass: UnitRule = { kind: "class", name: ownName, holdsMethods: true };
export const anInterface: UnitRule = { kind: "interface", name: ownName, holdsMethods: true };
export const aType: UnitRule = { kind: "type", name: ownName };
export const anEnum: UnitRule = { kind: "enum", name: ownName, holdsMethods: true };
export const aModule: UnitRule = { kind: "module", name: ownName };
export const aNamespace: UnitRule = { ...aModule, silent: true };
