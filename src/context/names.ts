// What the text being worked on needs from elsewhere: the names that its region uses, and the files
// that its imports mean. The grammar tells names from words where there is one.

import type { SyntaxTree } from "../syntax/syntax.ts";
import type { ImportResolver } from "./imports.ts";

export interface Lines {
  /** From `start` (from 0) to `end` (exclusive). */
  readonly start: number;
  readonly end: number;
}

/** A name that the region uses. */
export interface UsedName {
  readonly name: string;
  /** How sure it is that another unit of this name is meant: 1 for an imported one. */
  readonly weight: number;
  /** Files that it was imported from; none where no import names it. */
  readonly files: readonly string[];
}

/** How sure a use is by how it is written. */
const weights = { imported: 1, qualified: 1, own: 0.8, plain: 0.7, member: 0.3, word: 0.3 };

const identifier = /(?<![\w$])[A-Za-z_$][\w$]*/g;
/** A name after a dot, with what stands before the dot if it is a name too. */
const member = /(?:(?<![\w$])([A-Za-z_$][\w$]*))?\s?(?:\.|->|::|\?\.)\s?(?=#?([A-Za-z_$][\w$]*))/g;

/** What a method calls the object it belongs to. */
const self = new Set(["this", "self", "Self", "cls", "super"]);

export interface Needs {
  readonly names: readonly UsedName[];
  /** Every file that the text imports. */
  readonly imported: ReadonlySet<string>;
}

/** @param tree of the whole text; undefined for a language without grammar */
export function needsOf(
  path: string,
  text: string,
  tree: SyntaxTree | undefined,
  region: Lines,
  resolver: ImportResolver,
): Needs {
  const body = text.split("\n").slice(region.start, region.end).join("\n");
  const imports = importsOf(tree, path, resolver);
  const names = new Map<string, UsedName>();
  const use = (name: string, weight: number, files: readonly string[] = []) => {
    const before = names.get(name);
    if (name.length < 2 || (before !== undefined && before.weight >= weight)) return;
    names.set(name, { name, weight, files });
  };
  for (const [, owner, name] of body.matchAll(member)) {
    const files = owner === undefined ? undefined : imports.modules.get(owner);
    if (files !== undefined) use(name!, weights.qualified, files);
    else use(name!, owner !== undefined && self.has(owner) ? weights.own : weights.member);
  }
  const isTold = (tree?.references().length ?? 0) > 0;
  for (const name of plainNames(tree, body, region)) {
    const found = imports.names.get(name);
    if (found !== undefined) use(found.name, weights.imported, found.files);
    else use(name, isTold ? weights.plain : weights.word);
  }
  return { names: [...names.values()], imported: imports.files };
}

function plainNames(tree: SyntaxTree | undefined, body: string, region: Lines): Iterable<string> {
  const references = tree?.references() ?? [];
  // No grammar, or one whose names are not told: every word may be one.
  if (references.length === 0) return Array.from(body.matchAll(identifier), ([name]) => name);
  const isInside = ({ line }: { line: number }) => line >= region.start && line < region.end;
  const local = new Set(
    tree!
      .definitions()
      .filter(isInside)
      .map(({ name }) => name),
  );
  const used = references.filter(isInside).map(({ name }) => name);
  return used.filter((name) => !local.has(name));
}

interface Imported {
  /** Names as the text calls them: what their module calls them, and its files. */
  readonly names: ReadonlyMap<string, { name: string; files: readonly string[] }>;
  /** Modules by what the text calls them. */
  readonly modules: ReadonlyMap<string, readonly string[]>;
  readonly files: ReadonlySet<string>;
}

function importsOf(tree: SyntaxTree | undefined, path: string, resolver: ImportResolver): Imported {
  const names = new Map<string, { name: string; files: readonly string[] }>();
  const modules = new Map<string, readonly string[]>();
  const files = new Set<string>();
  for (const { module, names: imported } of tree?.imports() ?? []) {
    const found = resolver.resolve(
      path,
      module,
      imported.map(({ name }) => name),
    );
    if (found.length === 0) continue;
    for (const file of found) files.add(file);
    for (const { name, alias } of imported) {
      names.set(alias ?? name, { name, files: found });
      // What was imported may be a module, or an object whose members are defined there.
      modules.set(alias ?? name, found);
    }
    if (imported.length === 0) modules.set(lastWord(module), found);
  }
  return { names, modules, files };
}

/** What a text calls a module that it imports whole: `os.path` path, `net/http/v2` http. */
function lastWord(module: string): string {
  const words = module.split(/[^\w$]+/).filter((word) => word !== "" && !/^v\d+$/.test(word));
  return words.at(-1) ?? module;
}
