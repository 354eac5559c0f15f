// Which nodes of which grammar are units, and what each is called. One table a language; languages of
// one family share.

import type { Node } from "web-tree-sitter";
import {
  aClass,
  aFunction,
  aMethod,
  aModule,
  aNamespace,
  anEnum,
  anInterface,
  aType,
  field,
  nameWithBody,
  ownName,
  type Rules,
  type UnitRule,
} from "./unit-rule.ts";

const functionValues = new Set([
  "arrow_function",
  "function_expression",
  "generator_function",
  "class",
]);

/** A rule for a name that gets a function: `const f = () => ...`. */
function assigned(nameField: string, valueField: string, kind: "function" | "method"): UnitRule {
  const value = (node: Node) => node.childForFieldName(valueField);
  return {
    kind,
    name: (node) =>
      functionValues.has(value(node)?.type ?? "") ? field(node, nameField) : undefined,
    body: (node) => value(node)?.childForFieldName("body") ?? null,
  };
}

const assignment = assigned("left", "right", "function");

const javascript: Rules = {
  function_declaration: aFunction,
  generator_function_declaration: aFunction,
  class_declaration: aClass,
  method_definition: aMethod,
  variable_declarator: assigned("name", "value", "function"),
  field_definition: assigned("property", "value", "method"),
  pair: assigned("key", "value", "method"),
  assignment_expression: {
    ...assignment,
    name: (node) => exportedName(assignment.name(node)),
  },
  object: {
    kind: undefined,
    name: ({ parent }) => (parent === null ? undefined : (ownName(parent) ?? field(parent, "key"))),
  },
};

/** "module.exports.f" and "exports.f" are called "f", "C.prototype.f" is "C.f". */
function exportedName(path: string | undefined): string | undefined {
  if (path === undefined || !/^[\w$.]+$/.test(path)) return undefined;
  return path.replace(/^(?:module\.)?exports\.(?=.)/, "").replace(".prototype.", ".");
}

const typescript: Rules = {
  ...javascript,
  abstract_class_declaration: aClass,
  interface_declaration: anInterface,
  type_alias_declaration: aType,
  enum_declaration: anEnum,
  internal_module: aModule,
  module: { ...aModule, name: (node) => ownName(node)?.replace(/^["']|["']$/g, "") },
  function_signature: aFunction,
  method_signature: aMethod,
  abstract_method_signature: aMethod,
  public_field_definition: assigned("name", "value", "method"),
};

/** The name that a C declarator declares, however it is wrapped: `*f(int)`, `A<T>::f`. */
function declaredName(node: Node): string | undefined {
  let inner: Node | null = node.childForFieldName("declarator");
  while (inner !== null) {
    const next: Node | null =
      inner.childForFieldName("declarator") ??
      (/^(?:parenthesized|reference|attributed)_declarator$/.test(inner.type)
        ? inner.namedChild(inner.namedChildCount - 1)
        : null);
    if (next === null) break;
    inner = next;
  }
  if (inner === null) return undefined;
  let name = inner.text;
  for (let before = ""; before !== name; ) {
    before = name;
    name = name.replace(/<[^<>]*>(?=::)/g, "");
  }
  return /[\s{(]/.test(name) && !name.includes("operator") ? undefined : name.replaceAll("::", ".");
}

/** A struct within a typedef is the type that the typedef names. */
const structName = (node: Node) =>
  node.parent?.type === "type_definition" ? undefined : nameWithBody(node);

const c: Rules = {
  function_definition: { kind: "function", name: declaredName },
  struct_specifier: { kind: "class", name: structName, holdsMethods: true },
  union_specifier: { kind: "class", name: structName, holdsMethods: true },
  enum_specifier: { kind: "enum", name: structName },
  type_definition: { kind: "type", name: declaredName },
  preproc_function_def: { kind: "macro", name: ownName },
};

const cpp: Rules = {
  ...c,
  class_specifier: { kind: "class", name: nameWithBody, holdsMethods: true },
  namespace_definition: aNamespace,
  concept_definition: aType,
  alias_declaration: aType,
};

const python: Rules = { function_definition: aFunction, class_definition: aClass };

const go: Rules = {
  function_declaration: aFunction,
  method_declaration: { kind: "method", name: receiverName },
  type_spec: {
    kind: "type",
    name: ownName,
    body: (node) => node.childForFieldName("type"),
  },
  type_alias: aType,
};

/** "Stack.Push" for `func (s *Stack[T]) Push()`. */
function receiverName(node: Node): string | undefined {
  const receiver = /([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)?\)$/.exec(field(node, "receiver") ?? "");
  const name = ownName(node);
  return receiver === null || name === undefined ? name : `${receiver[1]}.${name}`;
}

const rust: Rules = {
  function_item: aFunction,
  function_signature_item: aFunction,
  struct_item: aClass,
  union_item: aClass,
  enum_item: anEnum,
  trait_item: anInterface,
  type_item: aType,
  mod_item: { ...aModule, name: nameWithBody },
  macro_definition: { kind: "macro", name: ownName },
  impl_item: {
    kind: undefined,
    name: (node) =>
      field(node, "type")
        ?.replace(/<[\s\S]*/, "")
        .replace(/^&(?:mut )?/, ""),
    holdsMethods: true,
  },
};

const java: Rules = {
  class_declaration: aClass,
  record_declaration: aClass,
  interface_declaration: anInterface,
  annotation_type_declaration: anInterface,
  enum_declaration: anEnum,
  method_declaration: aMethod,
  constructor_declaration: aMethod,
  compact_constructor_declaration: aMethod,
};

const csharp: Rules = {
  class_declaration: aClass,
  struct_declaration: aClass,
  record_declaration: aClass,
  interface_declaration: anInterface,
  enum_declaration: anEnum,
  delegate_declaration: aType,
  method_declaration: aMethod,
  constructor_declaration: aMethod,
  destructor_declaration: { kind: "method", name: (node) => `~${ownName(node)}` },
  local_function_statement: aFunction,
  property_declaration: { kind: "method", name: ownName, body: accessors },
  indexer_declaration: { kind: "method", name: () => "this", body: accessors },
  operator_declaration: {
    kind: "method",
    name: (node) => `operator${field(node, "operator") ?? ""}`,
  },
  namespace_declaration: aNamespace,
};

function accessors(node: Node): Node | null {
  return node.childForFieldName("accessors") ?? node.childForFieldName("value");
}

const rubyName = (node: Node) => ownName(node)?.replaceAll("::", ".");

const ruby: Rules = {
  method: aFunction,
  singleton_method: aFunction,
  class: { ...aClass, name: rubyName },
  module: { ...aModule, name: rubyName, holdsMethods: true },
};

const php: Rules = {
  function_definition: aFunction,
  method_declaration: aMethod,
  class_declaration: aClass,
  interface_declaration: anInterface,
  trait_declaration: aClass,
  enum_declaration: anEnum,
  namespace_definition: { ...aNamespace, name: nameWithBody },
};

const atRule: UnitRule = {
  kind: "rule",
  name: (node) => oneLine(node.text.slice(0, 400).replace(/\{[\s\S]*/, "")),
  alone: true,
  body: lastChild,
};

const css: Rules = {
  rule_set: atRule,
  media_statement: atRule,
  supports_statement: atRule,
  keyframes_statement: atRule,
  at_rule: atRule,
};

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function lastChild(node: Node): Node | null {
  return node.namedChild(node.namedChildCount - 1);
}

/** Elements that make up a page, besides those that have an id. */
const landmarks =
  /^(?:html|head|body|header|footer|main|nav|aside|section|article|form|table|dialog|template|script|style)$/;

function elementName(node: Node): string | undefined {
  const tag = node.namedChild(0);
  const name = tag?.namedChild(0)?.text.toLowerCase();
  if (tag === null || name === undefined) return undefined;
  const id = /\sid\s*=\s*["']?([^\s"'>]+)/.exec(tag.text)?.[1];
  if (id !== undefined) return `${name}#${id}`;
  return landmarks.test(name) ? name : undefined;
}

const anElement: UnitRule = { kind: "element", name: elementName, alone: true };
const html: Rules = {
  element: anElement,
  script_element: anElement,
  style_element: anElement,
};

const aKey: UnitRule = {
  kind: "key",
  name: (node) => field(node, "key")?.replace(/^["']|["']$/g, ""),
  depthMax: 1,
  body: (node) => node.childForFieldName("value"),
};

const firstName = (node: Node) => node.namedChild(0)?.text;

const toml: Rules = {
  table: { kind: "table", name: firstName },
  table_array_element: { kind: "table", name: firstName },
  pair: { kind: "key", name: firstName, depthMax: 1, body: lastChild },
};

/** Units of each language by the type of their node. */
export const unitRules: Readonly<Record<string, Rules>> = {
  python,
  typescript,
  tsx: typescript,
  javascript,
  json: { pair: aKey },
  go,
  rust,
  java,
  c,
  cpp,
  csharp,
  ruby,
  php,
  bash: { function_definition: aFunction },
  html,
  css,
  yaml: { block_mapping_pair: aKey },
  toml,
};
