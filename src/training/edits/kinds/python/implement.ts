// A Python function loses its body but for the docstring. What the body uses must be parameters, its own
// variables, built-ins, or named by the docstring.

import { isBuiltIn } from "../../../../syntax/built-ins.ts";
import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import { wordsIn } from "../../names.ts";
import type { Lose } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { bindingNodes, usesOf, wordsOf } from "./scopes.ts";
import { docstringOf, functionOf, statementsOf } from "./structure.ts";

const statementsMax = 6;
const linesMax = 10;
const docstringWordsMin = 5;

const bodies = ["pass", "...", "raise NotImplementedError", "raise NotImplementedError()"];

export const loseBody: Lose = (unit, random) => {
  const definition = functionOf(unit);
  const docstring = definition && docstringOf(definition);
  if (definition === undefined || docstring === undefined) return undefined;
  const [first, ...rest] = statementsOf(definition).slice(1);
  const last = rest.at(-1) ?? first;
  if (first === undefined || last === undefined || rest.length >= statementsMax) return undefined;
  const body = unit.text.slice(first.from, last.to);
  const isShort =
    body.length >= bodyMin && !/^raise NotImpl/.test(body) && body.split("\n").length <= linesMax;
  const isTold = (docstring.text.match(/\w+/g) ?? []).length >= docstringWordsMin;
  if (!isShort || !isTold || !isInSight(definition, [first, ...rest])) return undefined;
  // A comment would give the rest away, or be lost.
  if (unit.text.slice(docstring.to).includes("#")) return undefined;
  const stub = bodies[random.below(bodies.length)]!;
  return { before: rewritten(unit.text, [{ from: first.from, to: last.to, text: stub }]) };
};

/** `return x` alone is no work. */
const bodyMin = 30;

/** Whether signature and docstring speak of all that the body needs from elsewhere. */
function isInSight(definition: SyntaxNode, statements: readonly SyntaxNode[]): boolean {
  const signature = definition.children.filter((child) => child !== definition.field("body"));
  const seen = [...signature, docstringOf(definition)!].map(({ text }) => text).join(" ");
  const words = wordsOf(seen);
  const parts = new Set([...words].flatMap(wordsIn));
  const bound = new Set(bindingNodes(definition).map(({ text }) => text));
  return statements.every((statement) => {
    const names = [...usesOf(statement).keys()];
    const known = (name: string) =>
      bound.has(name) || words.has(name) || isBuiltIn("python", name) || modules.has(name);
    return names.every(known) && attributesOf(statement).every((name) => isSpoken(name, parts));
  });
}

/** What is asked of `self` must be spoken of. */
function attributesOf(statement: SyntaxNode): string[] {
  return [...descendants(statement)]
    .filter(({ type }) => type === "attribute")
    .filter((node) => /^(?:self|cls)$/.test(node.field("object")!.text))
    .map((node) => node.field("attribute")!.text);
}

function isSpoken(name: string, parts: ReadonlySet<string>): boolean {
  return wordsIn(name).every((word) => parts.has(word));
}

const modules = new Set(["os", "re", "sys", "json", "math", "time", "np"]);
