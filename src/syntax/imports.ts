// What a text imports: modules as they are written, and the names that it takes from them, in the
// languages where a name leads to another file.

import type { Node } from "web-tree-sitter";

export interface ImportedName {
  /** As the module calls it; "*" for all of them, "default" for the default one. */
  readonly name: string;
  /** As this text calls it, where that is another name. */
  readonly alias?: string;
}

export interface Import {
  /** As it is written, without quotes: "os.path", "./a.ts", "crate::a"; "<vector>" keeps its brackets. */
  readonly module: string;
  /** Empty where the module itself is what is imported. */
  readonly names: readonly ImportedName[];
  /** The name of the whole module in this text: `import * as a`, `import a.b as c`. */
  readonly local?: string;
  readonly line: number;
}

type Found = Omit<Import, "line">;

/** What a node imports; undefined where it imports nothing. */
export function importsAt(node: Node, language: string): Import[] | undefined {
  const found = readers[language]?.[node.type]?.(node);
  const line = node.startPosition.row;
  return found?.map((one) => ({ ...one, line }));
}

/** The names that an import gives to the text. */
export function namesGiven({ names, local }: Import): string[] {
  const given = names.map(({ name, alias }) => alias ?? name).filter((name) => name !== "*");
  return local === undefined ? given : [...given, local];
}

function named(name: string, alias: string | undefined): ImportedName {
  return alias === undefined || alias === name ? { name } : { name, alias };
}

function whole(module: string, local: string | undefined): Found {
  return local === undefined ? { module, names: [] } : { module, names: [], local };
}

function text(node: Node | null | undefined): string | undefined {
  return node?.text;
}

function fieldText(node: Node, field: string): string | undefined {
  return text(node.childForFieldName(field));
}

function unquoted(node: Node | null): string | undefined {
  return node === null ? undefined : node.text.replace(/^["'`]|["'`]$/g, "");
}

/** `a.b` and `a.b as c` of Python, told apart. */
function pythonName(node: Node): [name: string, alias: string | undefined] {
  if (node.type !== "aliased_import") return [node.text, undefined];
  return [fieldText(node, "name") ?? "", fieldText(node, "alias")];
}

function pythonImport(node: Node): Found[] {
  return node.childrenForFieldName("name").map((child) => {
    const [module, alias] = pythonName(child!);
    return whole(module, alias ?? module.replace(/\..*/s, ""));
  });
}

function pythonFrom(node: Node): Found[] {
  const module = fieldText(node, "module_name") ?? "__future__";
  const names = node.childrenForFieldName("name").map((child) => named(...pythonName(child!)));
  const all = node.namedChildren.some((child) => child?.type === "wildcard_import");
  return [{ module, names: all ? [{ name: "*" }] : names }];
}

function scriptImport(node: Node): Found[] {
  const required = node.namedChildren.find((child) => child?.type === "import_require_clause");
  if (required !== undefined && required !== null) {
    const module = unquoted(required.childForFieldName("source"));
    return module === undefined ? [] : [whole(module, text(required.namedChild(0)))];
  }
  const module = unquoted(node.childForFieldName("source"));
  if (module === undefined) return [];
  const names: ImportedName[] = [];
  let local: string | undefined;
  const clause = node.namedChildren.find((child) => child?.type === "import_clause");
  for (const child of clause?.namedChildren ?? []) {
    if (child?.type === "identifier") names.push(named("default", child.text));
    else if (child?.type === "namespace_import") local = text(child.namedChild(0));
    else names.push(...specifiers(child));
  }
  return [local === undefined ? { module, names } : { module, names, local }];
}

/** `{ a, b as c }`. */
function specifiers(node: Node | null): ImportedName[] {
  return (node?.namedChildren ?? []).flatMap((child) => {
    const name = child === null ? undefined : fieldText(child, "name");
    return name === undefined ? [] : [named(name, fieldText(child!, "alias"))];
  });
}

/** `export { a } from "b"` leads to another file too. */
function scriptExport(node: Node): Found[] | undefined {
  const module = unquoted(node.childForFieldName("source"));
  if (module === undefined) return undefined;
  const clause = node.namedChildren.find((child) => child?.type === "export_clause");
  if (clause === undefined) return [{ module, names: [{ name: "*" }] }];
  return [{ module, names: specifiers(clause).map(({ name }) => ({ name })) }];
}

/** `require("a")` and `import("a")`. */
function scriptCall(node: Node): Found[] | undefined {
  const called = fieldText(node, "function");
  if (called !== "require" && called !== "import") return undefined;
  const argument = node.childForFieldName("arguments")?.namedChild(0) ?? null;
  if (argument?.type !== "string") return undefined;
  return [whole(unquoted(argument)!, undefined)];
}

function goImport(node: Node): Found[] {
  const module = unquoted(node.childForFieldName("path"));
  if (module === undefined) return [];
  const name = fieldText(node, "name");
  if (name === ".") return [{ module, names: [{ name: "*" }] }];
  return [whole(module, name ?? module.slice(module.lastIndexOf("/") + 1))];
}

/** `a::{self, b as c, d::*}`, flattened. */
function rustUse(node: Node): Found[] {
  const argument = node.childForFieldName("argument");
  return argument === null ? [] : rustTree(argument, "");
}

function rustTree(node: Node, path: string): Found[] {
  const join = (part: string) => (path === "" ? part : `${path}::${part}`);
  if (node.type === "scoped_use_list" || node.type === "use_list") {
    const own = fieldText(node, "path");
    const list = node.type === "use_list" ? node : node.childForFieldName("list");
    const inner = own === undefined ? path : join(own);
    return (list?.namedChildren ?? []).flatMap((child) => rustTree(child!, inner));
  }
  if (node.type === "use_wildcard") {
    const of = text(node.namedChild(0));
    return [{ module: of === undefined ? path : join(of), names: [{ name: "*" }] }];
  }
  const alias = fieldText(node, "alias");
  const target = join(node.type === "use_as_clause" ? (fieldText(node, "path") ?? "") : node.text);
  if (node.type === "self") return [whole(path, path.slice(path.lastIndexOf(":") + 1))];
  const split = target.lastIndexOf("::");
  if (split < 0) return [whole(target, alias ?? target)];
  return [{ module: target.slice(0, split), names: [named(target.slice(split + 2), alias)] }];
}

function rustModule(node: Node): Found[] | undefined {
  const name = fieldText(node, "name");
  if (name === undefined || node.childForFieldName("body") !== null) return undefined;
  return [whole(name, name)];
}

function javaImport(node: Node): Found[] {
  const path = text(node.namedChildren.find((child) => child?.type === "scoped_identifier"));
  if (path === undefined) return [];
  const all = node.namedChildren.some((child) => child?.type === "asterisk");
  if (all) return [{ module: path, names: [{ name: "*" }] }];
  const split = path.lastIndexOf(".");
  return [{ module: path.slice(0, split), names: [{ name: path.slice(split + 1) }] }];
}

function include(node: Node): Found[] {
  const path = node.childForFieldName("path");
  return path === null ? [] : [whole(unquoted(path)!, undefined)];
}

function rubyRequire(node: Node): Found[] | undefined {
  if (!/^(?:require|require_relative|load)$/.test(fieldText(node, "method") ?? ""))
    return undefined;
  const argument = node.childForFieldName("arguments")?.namedChild(0) ?? null;
  return argument?.type === "string" ? [whole(unquoted(argument)!, undefined)] : undefined;
}

function csharpUsing(node: Node): Found[] {
  const path = text(node.namedChild(node.namedChildCount - 1));
  return path === undefined ? [] : [whole(path, fieldText(node, "name"))];
}

const script = {
  import_statement: scriptImport,
  export_statement: scriptExport,
  call_expression: scriptCall,
};

/** Readers of nodes that import, by language and node type. */
const readers: Record<string, Record<string, (node: Node) => Found[] | undefined>> = {
  python: {
    import_statement: pythonImport,
    import_from_statement: pythonFrom,
    future_import_statement: pythonFrom,
  },
  javascript: script,
  typescript: script,
  tsx: script,
  go: { import_spec: goImport },
  rust: { use_declaration: rustUse, mod_item: rustModule },
  java: { import_declaration: javaImport },
  c: { preproc_include: include },
  cpp: { preproc_include: include },
  ruby: { call: rubyRequire },
  csharp: { using_directive: csharpUsing },
};
