// A comprehension of Python and the loop that does the same, each written as the other: an empty list,
// set or dict, and one thing added for each turn.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { EditUnit } from "../../kind.ts";
import type { Lose, Loss } from "../../phrased.ts";
import { indentAt, rewritten, startsLine } from "../../rewrite.ts";
import { usesOf, wordsOf } from "./scopes.ts";
import { functionOf, ownNodes, stepOf } from "./structure.ts";

type Filled = "list" | "set" | "dictionary";

/** Words for what is made, for the instruction. */
const things: Readonly<Record<Filled, string>> = {
  list: "a list comprehension",
  set: "a set comprehension",
  dictionary: "a dict comprehension",
};

const widthMax = 100;

/** Real code has a comprehension: it is written as a loop. */
export const loseComprehension: Lose = (unit) => {
  const definition = functionOf(unit);
  const nodes = definition === undefined ? [] : [...ownNodes(definition)];
  // Which loop is meant would have to be said.
  if (nodes.some(({ type }) => /^(?:for|while)_statement$/.test(type))) return undefined;
  const written = asLoop(unit);
  return written && { before: written.text, facts: written.facts, words: written.words };
};

/**
 * Real code has a loop: it is written as a comprehension. Such loops are rare where people know better; a
 * comprehension that is asked to become one is as good.
 */
export const loseLoop: Lose = (unit, random) => {
  const found = asComprehension(unit);
  if (found !== undefined) return found;
  const written = random.next() < 0.3 ? asLoop(unit) : undefined;
  // What a returned list would be called nobody can tell.
  if (written === undefined || !wordsOf(unit.text).has(written.facts.target)) return undefined;
  const { text: after, facts, words } = written;
  return { before: unit.text, after, facts, words };
};

function asLoop(unit: EditUnit) {
  const definition = functionOf(unit);
  if (definition === undefined) return undefined;
  const all = [...ownNodes(definition)].filter(({ type }) => comprehensions[type] !== undefined);
  const [one] = all;
  const statement = one && statementOf(one);
  if (!one || !statement || all.length > 1 || !startsLine(unit.text, statement.from))
    return undefined;
  const clause = clauseOf(one);
  if (clause === undefined || one.text.includes("#")) return undefined;
  if (outlives(clause.left, one, definition)) return undefined;
  const target = targetOf(statement, wordsOf(unit.text));
  if (target === undefined || wordsOf(one.text).has(target)) return undefined;
  const filled = comprehensions[one.type]!;
  const indent = indentAt(unit.text, statement.from);
  const step = stepOf(definition, unit.text);
  const { item, left, right, condition } = clause;
  const head = `for ${plain(left)} in ${plain(right)}:`;
  const lines = [`${target} = ${empty[filled]}`, `${indent}${head}`];
  if (condition) lines.push(`${indent}${step}if ${plain(condition)}:`);
  lines.push(`${indent}${step}${condition ? step : ""}${adding(filled, target, item)}`);
  if (statement.type === "return_statement") lines.push(`${indent}return ${target}`);
  const text = lines.join("\n");
  return {
    text: rewritten(unit.text, [{ from: statement.from, to: statement.to, text }]),
    facts: { thing: filled, target },
    words: { thing: things[filled] },
  };
}

function asComprehension(unit: EditUnit): Loss | undefined {
  const definition = functionOf(unit);
  if (definition === undefined) return undefined;
  const nodes = [...ownNodes(definition)];
  if (nodes.some(({ type }) => comprehensions[type] !== undefined)) return undefined;
  for (const node of nodes) {
    const found = node.type === "for_statement" ? fillingOf(node) : undefined;
    if (found === undefined) continue;
    const { start, target, filled, item, condition } = found;
    const [left, right] = [node.field("left")!, node.field("right")!];
    const tail = condition ? ` if ${plain(condition)}` : "";
    const [open, close] = filled === "list" ? "[]" : "{}";
    const text = `${target} = ${open}${item} for ${plain(left)} in ${plain(right)}${tail}${close}`;
    const indent = indentAt(unit.text, start.from);
    const isClear = !/#/.test(unit.text.slice(start.from, node.to));
    if (!isClear || indent.length + text.length > widthMax) continue;
    const before = rewritten(unit.text, [{ from: start.from, to: node.to, text }]);
    return { before, facts: { thing: filled, target }, words: { thing: things[filled] } };
  }
  return undefined;
}

/** Whether a loop's variable, which a comprehension has for itself, would be one that the function uses. */
function outlives(left: SyntaxNode, comprehension: SyntaxNode, definition: SyntaxNode): boolean {
  const [all, inside] = [usesOf(definition), usesOf(comprehension)];
  return [...usesOf(left).keys()].some(
    (name) => all.get(name)!.length > (inside.get(name)?.length ?? 0),
  );
}

const comprehensions: Readonly<Record<string, Filled>> = {
  list_comprehension: "list",
  set_comprehension: "set",
  dictionary_comprehension: "dictionary",
};

const empty: Readonly<Record<Filled, string>> = { list: "[]", set: "set()", dictionary: "{}" };

function adding(filled: Filled, target: string, item: SyntaxNode): string {
  if (filled === "list") return `${target}.append(${plain(item)})`;
  if (filled === "set") return `${target}.add(${plain(item)})`;
  return `${target}[${plain(item.field("key")!)}] = ${plain(item.field("value")!)}`;
}

/** `x = [...]` or `return [...]`. */
function statementOf(comprehension: SyntaxNode): SyntaxNode | undefined {
  const { parent } = comprehension;
  if (parent?.type === "return_statement") return parent;
  const isPlain = parent?.type === "assignment" && parent.field("left")!.type === "identifier";
  return isPlain && parent.parent?.type === "expression_statement" ? parent.parent : undefined;
}

/** The variable that the loop fills; for a result one that has no name yet. */
function targetOf(statement: SyntaxNode, taken: ReadonlySet<string>): string | undefined {
  if (statement.type !== "return_statement") {
    const assignment = statement.named[0]!;
    return assignment.field("type") === null ? assignment.field("left")!.text : undefined;
  }
  return ["result", "results", "items", "found", "output"].find((name) => !taken.has(name));
}

interface Clause {
  readonly item: SyntaxNode;
  readonly left: SyntaxNode;
  readonly right: SyntaxNode;
  readonly condition: SyntaxNode | undefined;
}

/** Of one `for` and at most one `if`. */
function clauseOf(comprehension: SyntaxNode): Clause | undefined {
  const [item, loop, ...ifs] = comprehension.named;
  if (loop?.type !== "for_in_clause" || loop.children[0]!.type === "async") return undefined;
  if (ifs.length > 1 || ifs.some(({ type }) => type !== "if_clause")) return undefined;
  const condition = ifs[0]?.named[0];
  const [left, right] = [loop.field("left")!, loop.field("right")!];
  return { item: item!, left, right, condition };
}

/** `x = []` and, right behind it, a loop that does nothing but add to it. */
function fillingOf(loop: SyntaxNode) {
  const siblings = loop.parent!.named;
  const start = siblings[siblings.indexOf(loop) - 1];
  const assignment = start?.named[0];
  if (assignment?.type !== "assignment" || assignment.field("type") !== null) return undefined;
  const [left, right] = [assignment.field("left")!, assignment.field("right")];
  if (loop.field("alternative") !== null || loop.children[0]!.type === "async") return undefined;
  let [inner, ...more] = loop.field("body")!.named;
  let condition: SyntaxNode | undefined;
  if (inner?.type === "if_statement" && more.length === 0) {
    if (inner.field("alternative") !== null) return undefined;
    condition = inner.field("condition")!;
    [inner, ...more] = inner.field("consequence")!.named;
  }
  const added = inner?.named[0];
  if (more.length > 0 || added === undefined || inner!.type !== "expression_statement")
    return undefined;
  const target = left.text;
  const item = addedItem(added, target);
  if (item === undefined || right?.text !== empty[item.filled]) return undefined;
  const parts = [loop.field("left")!, loop.field("right")!, ...(condition ? [condition] : [])];
  if (parts.some((part) => usesOf(part).has(target)) || wordsOf(item.item).has(target))
    return undefined;
  return { start: start!, target, condition, ...item };
}

/** What `x.append(item)`, `x.add(item)` or `x[key] = value` adds, as it stands in a comprehension. */
function addedItem(node: SyntaxNode, target: string): { filled: Filled; item: string } | undefined {
  if (node.type === "call") {
    const method = node.field("function")!;
    const [value, ...more] = node.field("arguments")!.named;
    if (value === undefined || more.length > 0 || /_argument$|splat/.test(value.type))
      return undefined;
    if (method.text === `${target}.append`) return { filled: "list", item: plain(value) };
    return method.text === `${target}.add` ? { filled: "set", item: plain(value) } : undefined;
  }
  const [left, right] = [node.field("left"), node.field("right")];
  if (node.type !== "assignment" || left?.type !== "subscript" || !right) return undefined;
  const [object, key, ...more] = left.named;
  if (object!.text !== target || key === undefined || more.length > 0) return undefined;
  if (key.type === "slice") return undefined;
  return { filled: "dictionary", item: `${plain(key)}: ${plain(right)}` };
}

/** On one line. */
function plain({ text }: SyntaxNode): string {
  return text
    .replace(/\s*\n\s*/g, " ")
    .replace(/([([{]) /g, "$1")
    .replace(/,? ([)\]}])/g, "$1");
}
