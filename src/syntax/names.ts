// The names of a text: defined, used, imported, and those that are used and come from nowhere. Told by
// the tree alone: no type is known, no other file is read, and a name defined anywhere counts everywhere.

import type { Tree, TreeCursor } from "web-tree-sitter";
import { isBuiltIn } from "./built-ins.ts";
import { type Import, importsAt, namesGiven } from "./imports.ts";
import type { Language } from "./languages.ts";
import { type NameRules, nameRules, type Role } from "./name-rules.ts";

export interface Definition {
  readonly name: string;
  readonly line: number;
}

export interface Reference {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

export interface Names {
  readonly definitions: readonly Definition[];
  readonly references: readonly Reference[];
  /** Undefined where it cannot be told. */
  readonly unresolved: readonly Reference[] | undefined;
  readonly imports: readonly Import[];
}

export function namesOf(tree: Tree, language: Language, text: string): Names {
  const rules = nameRules(language.id);
  if (rules === undefined) {
    return { definitions: [], references: [], unresolved: undefined, imports: [] };
  }
  const definitions: Definition[] = [];
  const references: Reference[] = [];
  const imports: Import[] = [];
  visit(tree, rules, (cursor, role, parent) => {
    const found = importsAt(cursor.currentNode, language.id);
    if (found !== undefined) imports.push(...found);
    if (!rules.names.test(cursor.nodeType)) return found === undefined || holdsMore(cursor);
    const { row: line, column } = cursor.startPosition;
    const name = text.slice(cursor.startIndex, cursor.endIndex);
    if (role === "defines") definitions.push({ name, line });
    else if (role === "refers" && !isTag(parent, name)) references.push({ name, line, column });
    return false;
  });
  const unresolved = rules.resolves
    ? unresolvedOf(language.id, definitions, references, imports)
    : undefined;
  return { definitions, references, unresolved, imports };
}

/** In JSX a name in small letters is an element of HTML. */
function isTag(parent: string | undefined, name: string): boolean {
  return parent !== undefined && /^jsx_\w+_element$/.test(parent) && /^[a-z]/.test(name);
}

/** A call that imports has arguments, an import statement nothing but names of elsewhere. */
function holdsMore(cursor: TreeCursor): boolean {
  return cursor.nodeType.startsWith("call");
}

function unresolvedOf(
  language: string,
  definitions: readonly Definition[],
  references: readonly Reference[],
  imports: readonly Import[],
): Reference[] | undefined {
  if (language === "python" && imports.some(({ names }) => names.some(isAll))) return undefined;
  const known = new Set(definitions.map(({ name }) => name));
  for (const one of imports) for (const name of namesGiven(one)) known.add(name);
  return references.filter(({ name }) => !known.has(name) && !isBuiltIn(language, name));
}

function isAll({ name }: { readonly name: string }): boolean {
  return name === "*";
}

/** Walks the named nodes with the role that each has for a name; `enter` says whether to go in. */
function visit(
  tree: Tree,
  rules: NameRules,
  enter: (cursor: TreeCursor, role: Role, parent: string | undefined) => boolean,
): void {
  const cursor = tree.walk();
  const parents: { readonly type: string; readonly role: Role }[] = [];
  for (;;) {
    const parent = parents.at(-1);
    const role = roleIn(parent, cursor, rules);
    const type = cursor.nodeType;
    if (cursor.nodeIsNamed && enter(cursor, role, parent?.type) && cursor.gotoFirstChild()) {
      parents.push({ type, role });
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) {
        cursor.delete();
        return;
      }
      parents.pop();
    }
  }
}

function roleIn(
  parent: { readonly type: string; readonly role: Role } | undefined,
  cursor: TreeCursor,
  { roles, inherits }: NameRules,
): Role {
  if (parent === undefined) return "refers";
  const field = cursor.currentFieldName;
  const own = field === null ? undefined : roles.get(`${parent.type}.${field}`);
  return own ?? roles.get(parent.type) ?? (inherits.test(parent.type) ? parent.role : "refers");
}
