// A small Python file, or a function that imports, gets an import that nothing uses: a line of its own,
// or one more name in a line that is there.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Lose, Loss } from "../../phrased.ts";
import { indentAt, rewritten, startsLine } from "../../rewrite.ts";
import { usesOf, wordsOf } from "./scopes.ts";

export const plantImport: Lose = (unit, random) => {
  // What a package imports is for others, and so is what a file lists.
  if (unit.path.endsWith("__init__.py") || /__all__|noqa|TYPE_CHECKING/.test(unit.text)) {
    return undefined;
  }
  const imports = [...descendants(unit.root)].filter(({ type }) =>
    /^import_(?:from_)?statement$/.test(type),
  );
  // Most imports are at the top of a file.
  if (unit.what !== "file" && random.next() < 0.5) return undefined;
  if (imports.length === 0 || unit.what === "class" || !areAllUsed(unit, imports)) return undefined;
  if (unit.what === "file" && unit.root.named.length - imports.length < 2) return undefined;
  return random.next() < 0.35
    ? (anotherName(unit, imports, random) ?? anotherLine(unit, imports, random))
    : anotherLine(unit, imports, random);
};

/** The names that an import binds; undefined for all names of a module. */
function boundNames(statement: SyntaxNode): string[] | undefined {
  const module = statement.field("module_name");
  const parts = statement.named.filter((part) => part !== module);
  if (parts.some(({ type }) => type === "wildcard_import")) return undefined;
  return parts.map((part) => (part.field("alias") ?? part).text.replace(/\..*/s, ""));
}

function areAllUsed(unit: EditUnit, imports: readonly SyntaxNode[]): boolean {
  const uses = usesOf(unit.root);
  return imports.every((statement) => {
    const names = boundNames(statement);
    return names?.every((name) => {
      const within = (node: SyntaxNode) =>
        imports.some(({ from, to }) => node.from >= from && node.to <= to);
      return uses.get(name)?.some((node) => !within(node));
    });
  });
}

const modules =
  `os sys re json time math random copy shutil logging functools itertools collections datetime
  subprocess tempfile threading warnings inspect pathlib typing string hashlib uuid io contextlib enum abc
  dataclasses operator traceback types glob argparse base64 socket struct`.split(/\s+/);

const members: readonly (readonly [string, readonly string[]])[] = [
  ["typing", ["Any", "Optional", "Union", "Callable", "Iterable", "List", "Dict", "Tuple", "cast"]],
  ["collections", ["defaultdict", "OrderedDict", "namedtuple", "Counter", "deque"]],
  ["functools", ["partial", "wraps", "lru_cache", "reduce"]],
  ["pathlib", ["Path"]],
  ["datetime", ["datetime", "timedelta", "timezone"]],
  ["itertools", ["chain", "product", "islice", "groupby"]],
  ["dataclasses", ["dataclass", "field"]],
  ["contextlib", ["contextmanager", "suppress"]],
  ["os", ["path"]],
  ["urllib.parse", ["urljoin", "urlparse", "quote"]],
];

function anotherLine(
  unit: EditUnit,
  imports: readonly SyntaxNode[],
  random: Random,
): Loss | undefined {
  const beside = imports[random.below(imports.length)]!;
  if (!startsLine(unit.text, beside.from)) return undefined;
  const isFuture = beside.text.includes("__future__") || unit.text.includes("__future__");
  const taken = wordsOf(unit.text);
  const { line, name } = importLine(random);
  if (taken.has(name) || isFuture) return undefined;
  const text = `${line}\n${indentAt(unit.text, beside.from)}`;
  const before = rewritten(unit.text, [{ from: beside.from, to: beside.from, text }]);
  return { before, facts: { what: line }, words: { unused: name } };
}

function importLine(random: Random): { line: string; name: string } {
  if (random.next() < 0.5) {
    const name = modules[random.below(modules.length)]!;
    return { line: `import ${name}`, name };
  }
  const [module, names] = members[random.below(members.length)]!;
  const name = names[random.below(names.length)]!;
  return { line: `from ${module} import ${name}`, name };
}

/** One more in `from typing import Any, Callable`. */
function anotherName(
  unit: EditUnit,
  imports: readonly SyntaxNode[],
  random: Random,
): Loss | undefined {
  const taken = wordsOf(unit.text);
  for (const statement of imports) {
    const known = members.find(([module]) => module === statement.field("module_name")?.text);
    const last = statement.named.at(-1)!;
    const isPlain = last.type === "dotted_name" && !statement.text.includes("(");
    const free = known?.[1].filter((name) => !taken.has(name)) ?? [];
    const name = free[random.below(free.length)];
    if (!isPlain || name === undefined) continue;
    const place = random.next() < 0.5 ? last.to : statement.named[1]!.from;
    const text = place === last.to ? `, ${name}` : `${name}, `;
    const before = rewritten(unit.text, [{ from: place, to: place, text }]);
    return { before, facts: { what: name }, words: { unused: name } };
  }
  return undefined;
}
