// Type hints that were asked for: each place that has one in the target has one in the answer, of the type
// that the instruction names where it names any, and without hints the answer is the original.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";
import { changedElse, type Judge, success, wrong } from "./judge.ts";
import { isName, normalForm, sameForm } from "./normal-form.ts";

export const judgeAnnotations: Judge = ({ before, target, answer, row }) => {
  const [old, asked, given] = [before, target, answer].map(hintsOf) as Map<string, string>[];
  const places = [...asked!.keys()].filter((place) => !old!.has(place));
  const isKept = [...old!].every(([place, hint]) => given!.get(place) === hint);
  if (!isKept || !sameForm(bare(before), bare(answer))) return changedElse;
  const without = places.filter((place) => !given!.has(place));
  if (without.length > 0) {
    const names = without.map((place) => place.replace(/^\S+ /, ""));
    return wrong(`there is no type for ${names.join(", ")}`);
  }
  const same = places.filter((place) => given!.get(place) === asked!.get(place));
  const areTold = places.every((place) => says(row.instruction, asked!.get(place)!));
  if (areTold && same.length < places.length) return wrong("a type is not the one that was named");
  return { ...success, exact: same.length / places.length };
};

/** Nodes that hold a type and belong to what they stand behind. */
const typeNodes = new Set(["type", "type_annotation", "type_predicate_annotation"]);

/** The hint of each place: of which function, then which name of it, or its result. */
function hintsOf(root: SyntaxNode): Map<string, string> {
  const hints = new Map<string, string>();
  const functions = [...descendants(root)].filter(isFunction);
  for (const node of descendants(root)) {
    if (!isHint(node)) continue;
    const owner = node.parent!;
    const around = isFunction(owner) ? owner : enclosing(owner, isFunction);
    const name = isFunction(owner) ? "the result" : nameIn(owner);
    const at = around === undefined ? -1 : functions.indexOf(around);
    hints.set(`${at} ${name}`, squeezed(node.text.replace(/^:/, "")));
  }
  return hints;
}

/** Whether the instruction names the type, as a word of its own. */
function says(instruction: string, type: string): boolean {
  if (!/^\w+$/.test(type)) return squeezed(instruction).includes(type);
  return new RegExp(`\\b${type}\\b`).test(instruction);
}

function squeezed(text: string): string {
  return text.replace(/[\s'"]/g, "");
}

function isHint({ type, parent }: SyntaxNode): boolean {
  return typeNodes.has(type) && (type !== "type" || hinted.has(parent?.type ?? ""));
}

/** What has a hint in Python, where types are types elsewhere too. */
const hinted = new Set([
  "typed_parameter",
  "typed_default_parameter",
  "function_definition",
  "assignment",
]);

function isFunction({ type }: SyntaxNode): boolean {
  return /function|method_(?:definition|signature)|lambda/.test(type) && !type.includes("type");
}

function enclosing(node: SyntaxNode, is: (node: SyntaxNode) => boolean): SyntaxNode | undefined {
  for (let outer = node.parent; outer !== null; outer = outer.parent) if (is(outer)) return outer;
  return undefined;
}

function nameIn(owner: SyntaxNode): string {
  return [...descendants(owner)].find(isName)?.text ?? "";
}

/** The program without hints, and without imports that only hints need. */
function bare(root: SyntaxNode) {
  return normalForm(root, { adjust: withoutHint });
}

function withoutHint(node: SyntaxNode): readonly SyntaxNode[] | undefined {
  const { type, parent } = node;
  if (isHint(node) || type === "->" || type === "type_parameters") return [];
  if (type === ":" && parent?.type === "assignment") return [];
  // Without a value it says nothing but the type.
  if (type === "expression_statement" && isDeclaration(node.named[0])) return [];
  if (parameters.has(type)) return node.children.filter((child) => child.type !== ":");
  if (type === "import_from_statement" && typing.test(node.field("module_name")?.text ?? "")) {
    return [];
  }
  return undefined;
}

const parameters = new Set([
  "typed_parameter",
  "typed_default_parameter",
  "default_parameter",
  "required_parameter",
  "optional_parameter",
]);

const typing = /^(?:typing|typing_extensions|collections\.abc|__future__)$/;

function isDeclaration(node: SyntaxNode | undefined): boolean {
  return node?.type === "assignment" && node.field("right") === null;
}
