// The function of a script's unit as an expression of JavaScript: without types, export and name of a
// constant; a method taken out of its class.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Syntax } from "../../../../syntax/syntax.ts";
import {
  definitionOf,
  functionOf,
  parametersOf,
} from "../../../../training/edits/kinds/script/nodes.ts";
import { parsed } from "../../setting.ts";

export interface Version {
  readonly name: string;
  /** The class or the function. */
  readonly script: string;
  /** What of it is the function: "" or "[...]". */
  readonly part: string;
  /** All of the unit but the function's body, without white space. */
  readonly head: string;
  readonly parameters: readonly Parameter[];
}

interface Parameter {
  /** Undefined where it is taken apart. */
  readonly name: string | undefined;
  /** As the text has it, "" for none. */
  readonly type: string;
  readonly isOptional: boolean;
  readonly isRest: boolean;
}

/** Undefined where the unit is no function, or one that does not stand alone. */
export function versionOf(text: string, name: string, syntax: Syntax): Version | undefined {
  const tree = parsed(syntax, text);
  if (tree === undefined) return undefined;
  try {
    return version(tree.root, text, name.slice(name.lastIndexOf(".") + 1));
  } finally {
    tree.close();
  }
}

function version(root: SyntaxNode, text: string, name: string): Version | undefined {
  const definition = definitionOf(root);
  const method = definition?.type === "class_declaration" ? onlyMethod(definition) : undefined;
  const node = method ?? functionOf(root);
  const part = method === undefined ? "" : partOf(method);
  const body = node?.field("body");
  const script = node && withoutTypes((method === undefined ? node : definition!).text);
  if (node === undefined || part === undefined || !body || script === undefined) return undefined;
  const head = (text.slice(0, body.from) + text.slice(body.to)).replace(/\s+/g, "");
  return { name, script, part, head, parameters: parametersOf(node).flatMap(parameterOf) };
}

function onlyMethod(definition: SyntaxNode): SyntaxNode | undefined {
  const members = definition.field("body")?.named.filter(({ type }) => type !== "comment") ?? [];
  const [method] = members;
  return members.length === 1 && method?.type === "method_definition" ? method : undefined;
}

/** Where a class has its method; undefined for a constructor, and a name that is computed or private. */
function partOf(method: SyntaxNode): string | undefined {
  const name = method.field("name")!;
  if (name.type !== "property_identifier" || name.text === "constructor") return undefined;
  const words = new Set(
    method.children.filter(({ to }) => to <= name.from).map(({ type }) => type),
  );
  const owner = words.has("static") ? "" : `["prototype"]`;
  const accessor = ["get", "set"].find((word) => words.has(word));
  if (accessor === undefined) return `${owner}["${name.text}"]`;
  return `${owner}["__lookup${accessor === "get" ? "G" : "S"}etter__"]("${name.text}")`;
}

function parameterOf(node: SyntaxNode): Parameter[] {
  // `x = 1` of JavaScript, or the pattern of a parameter that has a type or a default.
  const pattern = node.field("pattern") ?? node.field("left") ?? node;
  if (pattern.type === "this") return [];
  const type = node.field("type")?.text.replace(/^:\s*/, "") ?? "";
  const name = pattern.type === "identifier" ? pattern.text : undefined;
  const hasDefault = node.field("value") !== null || node.field("right") !== null;
  const isOptional = node.type === "optional_parameter" || hasDefault;
  return [{ name, type, isOptional, isRest: pattern.type === "rest_pattern" }];
}

const transpiler = new Bun.Transpiler({
  loader: "ts",
  deadCodeElimination: false,
  treeShaking: false,
  inline: false,
  tsconfig: { compilerOptions: { jsx: "react" } },
});

/** The expression in JavaScript; undefined where it is none by itself. */
export function withoutTypes(expression: string): string | undefined {
  for (const loader of ["ts", "tsx"] as const) {
    try {
      const text = transpiler.transformSync(`$unit = ${expression}`, loader);
      return /^\s*\$unit = ([\s\S]*?);?\s*$/.exec(text)?.[1];
    } catch {
      // Of two ways to read it, as a comparison or as JSX, the other one may be right.
    }
  }
  return undefined;
}
