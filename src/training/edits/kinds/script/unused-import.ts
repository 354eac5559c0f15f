// Gives a small file of TypeScript or JavaScript an import that nothing of it uses: one that its own file
// has for other parts, or one that is met everywhere.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { freeNames, namesIn, wordsOf } from "./bindings.ts";
import { ofType, styleOf } from "./nodes.ts";

/** A name and the text that imports it from its module. */
interface Imported {
  /** What the unit calls it. */
  readonly name: string;
  /** "name", "name as other", "type name". */
  readonly specifier: string;
}

interface Statement {
  readonly source: string;
  readonly isType: boolean;
  /** `import x`, `import * as x`. */
  readonly whole: Imported | undefined;
  readonly named: readonly Imported[];
}

export function loseUsedImports(unit: EditUnit, random: Random): Loss | undefined {
  const { root, text, what, file } = unit;
  if (what === "method" || !holdsCode(root)) return undefined;
  const statements = (what === "file" ? root : file.root).named
    .filter(({ type }) => type === "import_statement")
    .map(read);
  if (statements.length === 0 || statements.includes(undefined)) return undefined;
  const own = statements.filter((one) => one !== undefined);
  const spare = what === "file" ? [] : unused(own, freeNames(root), text);
  const { end, quote } = styleOf(what === "file" ? text : file.text);
  const write = (statement: Statement) => written(statement, quote, end);
  if (what === "file") return intoFile(unit, own, random, write);
  const used = own.flatMap((one) => only(one, (name) => freeNames(root).has(name)) ?? []);
  if (used.length === 0) return undefined;
  const extra = spare[random.below(spare.length)] ?? common(text, random);
  if (extra === undefined) return undefined;
  const before = [...withExtra(used, extra, random).map(write), "", text].join("\n");
  const after = [...used.map(write), "", text].join("\n");
  return told(before, after, extra);
}

/** A signature by itself is no function yet. */
function holdsCode(root: SyntaxNode): boolean {
  return ofType(root, "statement_block", "arrow_function", "lexical_declaration").length > 0;
}

/** A file that is small enough to be a unit has its imports already. */
function intoFile(
  { root, text }: EditUnit,
  statements: readonly Statement[],
  random: Random,
  write: (statement: Statement) => string,
): Loss | undefined {
  if (!areAllUsed(root, statements)) return undefined;
  const extra = common(text, random);
  const nodes = root.named.filter(({ type }) => type === "import_statement");
  const at = random.below(nodes.length);
  const node = nodes[at]!;
  if (extra === undefined || statements.some(({ source }) => source === extra.source)) return;
  const line = `${write(extra)}\n`;
  if (text.lastIndexOf("\n", node.from) !== node.from - 1 && node.from > 0) return undefined;
  return told(text.slice(0, node.from) + line + text.slice(node.from), text, extra);
}

/** Whether no import is unused already: it would be meant too. */
function areAllUsed(root: SyntaxNode, statements: readonly Statement[]): boolean {
  const rest = root.named.filter(({ type }) => type !== "import_statement");
  const used = new Set(rest.flatMap((node) => [...namesIn(node)]));
  return statements.every(({ whole, named }) =>
    [...(whole ? [whole] : []), ...named].every(({ name }) => used.has(name)),
  );
}

function told(before: string, after: string, extra: Statement): Loss {
  const unused = (extra.whole ?? extra.named[0]!).name;
  return { before, after, facts: { unused, module: extra.source } };
}

/** The parts of an import statement; undefined for one that is written otherwise. */
function read(node: SyntaxNode): Statement | undefined {
  const source = node.field("source")?.text.slice(1, -1);
  const clause = node.named.find(({ type }) => type === "import_clause");
  if (source === undefined || node.named.some(({ type }) => type === "comment")) return undefined;
  const isType = node.children.some(({ type }) => type === "type");
  if (clause === undefined) return { source, isType, whole: undefined, named: [] };
  const parts = clause.named.flatMap((part) =>
    part.type === "named_imports" ? part.named : [part],
  );
  const named: Imported[] = [];
  let whole: Imported | undefined;
  for (const part of parts) {
    const name = (part.field("alias") ?? part.field("name") ?? part.named[0] ?? part).text;
    if (part.type === "import_specifier") named.push({ name, specifier: part.text });
    else if (whole === undefined) whole = { name, specifier: part.text };
    else return undefined;
  }
  return { source, isType, whole, named };
}

/** The statement with the wanted names; undefined where there are none. */
function only(statement: Statement, isWanted: (name: string) => boolean): Statement | undefined {
  const { whole } = statement;
  const kept = whole !== undefined && isWanted(whole.name) ? whole : undefined;
  const named = statement.named.filter(({ name }) => isWanted(name));
  return kept === undefined && named.length === 0
    ? undefined
    : { ...statement, whole: kept, named };
}

/** Imports of the file, one name each, that the unit has no use for and does not speak of. */
function unused(
  statements: readonly Statement[],
  used: ReadonlySet<string>,
  text: string,
): Statement[] {
  const words = wordsOf(text);
  return statements.flatMap((statement) => {
    const { whole, named } = statement;
    const single = named.map((one) => ({ ...statement, whole: undefined, named: [one] }));
    const all = whole === undefined ? single : [{ ...statement, named: [] }, ...single];
    return all.filter((one) => {
      const { name } = one.whole ?? one.named[0]!;
      return !used.has(name) && !words.has(name);
    });
  });
}

/** The extra name in the statement of its module, or a statement of its own. */
function withExtra(used: readonly Statement[], extra: Statement, random: Random): Statement[] {
  const at = used.findIndex(
    ({ source, isType, named }) =>
      source === extra.source && isType === extra.isType && named.length > 0,
  );
  const [added] = extra.named;
  if (at >= 0 && added !== undefined) {
    const named = [...used[at]!.named];
    named.splice(random.below(named.length + 1), 0, added);
    return used.with(at, { ...used[at]!, named });
  }
  return used.toSpliced(random.below(used.length + 1), 0, extra);
}

function written({ source, isType, whole, named }: Statement, quote: string, end: string): string {
  const list = named.map(({ specifier }) => specifier).join(", ");
  const parts = [...(whole ? [whole.specifier] : []), ...(list === "" ? [] : [`{ ${list} }`])];
  return `import ${isType ? "type " : ""}${parts.join(", ")} from ${quote}${source}${quote}${end}`;
}

const modules: readonly (readonly [specifier: string, source: string])[] = [
  ["fs", "fs"],
  ["path", "path"],
  ["fs", "node:fs"],
  ["path", "node:path"],
  ["os", "node:os"],
  ["assert", "node:assert"],
  ["React", "react"],
  ["_", "lodash"],
  ["{ useState }", "react"],
  ["{ useEffect }", "react"],
  ["{ readFile }", "node:fs/promises"],
  ["{ join }", "node:path"],
  ["{ resolve }", "path"],
  ["{ EventEmitter }", "events"],
  ["{ inspect }", "node:util"],
  ["{ promisify }", "util"],
  ["{ debounce }", "lodash"],
  ["{ v4 }", "uuid"],
  ["* as crypto", "node:crypto"],
  ["* as fs", "fs"],
];

/** An import that is met everywhere and that the text does not speak of. */
function common(text: string, random: Random): Statement | undefined {
  const words = wordsOf(text);
  const [specifier, source] = modules[random.below(modules.length)]!;
  const name = /[\w$]+(?=\W*$)/.exec(specifier)![0];
  if (words.has(name)) return undefined;
  const isNamed = specifier.startsWith("{");
  const one = { name, specifier: isNamed ? name : specifier };
  return { source, isType: false, whole: isNamed ? undefined : one, named: isNamed ? [one] : [] };
}
