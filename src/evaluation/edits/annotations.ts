// Type hints that were asked for: the places that have one in the target have one in the answer and no others
// do, of the type that the target has, in whatever spelling where the instruction does not name it. Without
// hints the answer is the original.

import { descendants, type SyntaxNode } from "../../syntax/node.ts";
import { changedElse, type Judge, success, wrong } from "./judge.ts";
import { isName, normalForm, sameForm } from "./normal-form.ts";
import { typeSpelling } from "./type-spelling.ts";

export const judgeAnnotations: Judge = ({ before, target, answer, row }) => {
  const [old, asked, given] = [before, target, answer].map(hintsOf) as Map<string, string>[];
  const places = [...asked!.keys()].filter((place) => !old!.has(place));
  if (!importsOf(before).isSubsetOf(importsOf(answer))) return changedElse;
  const isKept = [...old!].every(([place, hint]) => given!.get(place) === hint);
  if (!isKept || !sameForm(bare(before), bare(answer))) return changedElse;
  const without = places.filter((place) => !given!.has(place));
  if (without.length > 0) {
    return wrong(`there is no type for ${without.map(nameOf).join(", ")}`);
  }
  const more = [...given!.keys()].find((place) => !asked!.has(place));
  if (more !== undefined) return wrong(`nobody asked for a type of ${nameOf(more)}`);
  const others = places.filter((place) => {
    const [type, wanted] = [given!.get(place)!, asked!.get(place)!];
    return typeSpelling(type, row.language) !== typeSpelling(wanted, row.language);
  });
  if (others.length === 0) return success;
  if (others.some((place) => says(row.instruction, asked!.get(place)!))) {
    return wrong("a type is not the one that was named");
  }
  const judgement = wrong(`there is another type for ${others.map(nameOf).join(", ")}`);
  return { ...judgement, hasOtherTypes: true };
};

function nameOf(place: string): string {
  return place.replace(/^\S+ /, "");
}

/** What is imported for types, each name with its module: more of them are free, less are not. */
function importsOf(root: SyntaxNode): Set<string> {
  const imports = [...descendants(root)].filter(isTypeImport);
  return new Set(
    imports.flatMap((statement) => {
      const module = statement.field("module_name");
      const names = statement.named.filter((one) => one !== module && one.type !== "comment");
      return names.map(({ text }) => `${module?.text} ${text}`);
    }),
  );
}

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
  return isTypeImport(node) ? [] : undefined;
}

function isTypeImport(node: SyntaxNode): boolean {
  if (node.type === "future_import_statement") return true;
  return (
    node.type === "import_from_statement" && typing.test(node.field("module_name")?.text ?? "")
  );
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
