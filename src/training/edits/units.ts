// The units of a file as `cromwell edit` shows them: whole lines with decorators and the comment above,
// moved to the margin, and parsed alone.

import type { SyntaxNode } from "../../syntax/node.ts";
import { orTooMuch, type Syntax, type SyntaxTree } from "../../syntax/syntax.ts";
import type { Unit } from "../../syntax/units.ts";
import type { EditLanguage, EditUnit } from "./kind.ts";

/** The place of a unit in its file, before it is parsed. */
export interface UnitPlace {
  readonly what: EditUnit["what"];
  readonly name: string;
  /** Lines from `start` up to and without `end`. */
  readonly start: number;
  readonly end: number;
  /** Moved to the margin, without a newline at its end. */
  readonly text: string;
}

const kinds = new Set(["function", "method", "class"]);

/** Every function, method and class, and the file itself, of no more than so many characters. */
export function unitPlaces(file: SyntaxTree, path: string, charactersMax: number): UnitPlace[] {
  const lines = file.text.split("\n");
  const places = file.units().filter(({ kind }) => kinds.has(kind));
  const found = places.flatMap((unit) => {
    const text = textOf(lines, unit, charactersMax);
    if (text === undefined) return [];
    const { name, start, end } = unit;
    return [{ what: unit.kind as EditUnit["what"], name, start, end, text }];
  });
  const whole = file.text.replace(/\n+$/, "");
  if (whole === "" || whole.length > charactersMax) return found;
  // A file that is one function is known by the function's name.
  if (found.some(({ text }) => text === whole)) return found;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return [...found, { what: "file", name, start: 0, end: lines.length, text: whole }];
}

/** As the editor moves a region to the margin; undefined for a text that is too long. */
function textOf(
  lines: readonly string[],
  { start, end, indent }: Unit,
  charactersMax: number,
): string | undefined {
  let length = 0;
  const moved: string[] = [];
  for (let at = start; at < end; at++) {
    const line = lines[at]!;
    moved.push(line.startsWith(indent) ? line.slice(indent.length) : line.trimStart());
    length += moved.at(-1)!.length + 1;
    if (length > charactersMax + 1) return undefined;
  }
  return moved.join("\n").replace(/\n+$/, "");
}

/** A unit's tree of its own. */
export interface ParsedUnit {
  readonly root: SyntaxNode;
  close(): void;
}

const stepsMax = 2000;

/** A script's method is one only in a class. */
const classBefore = "class _ {\n";
const classAfter = "\n}";

/** The text parsed alone; undefined where it has a fault. */
export function parseUnit(
  syntax: Syntax,
  language: EditLanguage,
  text: string,
  what: EditUnit["what"],
): ParsedUnit | undefined {
  const isMember = what === "method" && language !== "python";
  const whole = isMember ? `${classBefore}${text}${classAfter}` : text;
  const tree = orTooMuch(() => syntax.parse(whole, { stepsMax }));
  if (tree === undefined) return undefined;
  if (tree.faults().length > 0) {
    tree.close();
    return undefined;
  }
  const close = () => tree.close();
  if (!isMember) return { root: tree.root, close };
  const body = tree.root.named[0]?.field("body");
  return { root: new ShiftedNode(body!, text, null), close };
}

/** A node of a text that stands in a longer one, with its places in the shorter. */
class ShiftedNode implements SyntaxNode {
  readonly #node: SyntaxNode;
  readonly #whole: string;
  readonly parent: SyntaxNode | null;
  #children: ShiftedNode[] | undefined;

  constructor(node: SyntaxNode, whole: string, parent: SyntaxNode | null) {
    this.#node = node;
    this.#whole = whole;
    this.parent = parent;
  }

  get type(): string {
    return this.#node.type;
  }

  get isNamed(): boolean {
    return this.#node.isNamed;
  }

  get from(): number {
    return Math.max(0, this.#node.from - classBefore.length);
  }

  get to(): number {
    return Math.min(this.#whole.length, this.#node.to - classBefore.length);
  }

  get text(): string {
    return this.#whole.slice(this.from, this.to);
  }

  get children(): readonly SyntaxNode[] {
    return this.#own();
  }

  get named(): readonly SyntaxNode[] {
    return this.#own().filter(({ isNamed }) => isNamed);
  }

  field(name: string): SyntaxNode | null {
    const found = this.#node.field(name);
    return this.#own().find((child) => child.#node === found) ?? null;
  }

  /** The brackets of the class are not the unit's. */
  #own(): ShiftedNode[] {
    const { children } = this.#node;
    const inner = this.parent === null ? children.slice(1, -1) : children;
    this.#children ??= inner.map((child) => new ShiftedNode(child, this.#whole, this));
    return this.#children;
  }
}
