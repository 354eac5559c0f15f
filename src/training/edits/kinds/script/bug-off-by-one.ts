// Plants an error of one in TypeScript or JavaScript: a loop that goes one too far or stops too early, a
// place beside the one that is meant, a bound that is let in or kept out.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { vagueNowAndThen } from "../bug-phrasings.ts";
import { type PlantedBug, plantedIn, tellingPhrasings } from "./planted-bug.ts";

export function loseOne({ root, text }: EditUnit, random: Random): Loss | undefined {
  const bugs = [...descendants(root)].flatMap((node) => bugsAt(node));
  const planted = plantedIn(text, bugs, random);
  if (planted === undefined) return undefined;
  const { before, wrong, right, says, isHidden } = planted;
  return {
    before,
    facts: { what: "off-by-one", wrong, right },
    phrasings: (isHidden ? undefined : vagueNowAndThen(random)) ?? [
      ...tellingPhrasings,
      ...says,
      ...offByOne,
    ],
  };
}

function bugsAt(node: SyntaxNode): PlantedBug[] {
  if (node.type === "binary_expression") return [...bound(node), ...step(node)];
  if (node.type === "variable_declarator") return start(node);
  return node.type === "call_expression" ? slice(node) : [];
}

const bounds: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

/** `i < n` of a loop, or a comparison of a length or with a number. */
function bound(node: SyntaxNode): PlantedBug[] {
  const [operator, left, right] = [node.field("operator"), node.field("left"), node.field("right")];
  const wrong = operator === null ? undefined : bounds[operator.text];
  if (operator === null || wrong === undefined || left === null || right === null) return [];
  const isLoop = node.parent?.type === "for_statement";
  const counts = [left, right].some(
    ({ type, text }) =>
      (type === "number" && /^\d+$/.test(text)) || /\.(?:length|size)$/.test(text),
  );
  if (!isLoop && !counts) return [];
  const further = wrong.endsWith("=");
  const says = isLoop ? (further ? tooFar : tooEarly) : boundary;
  return [{ node, from: operator.from, to: operator.to, text: wrong, says, isHidden: !isLoop }];
}

/** `n - 1` where a place or a bound is told becomes `n`, and `i + 1` becomes `i`. */
function step(node: SyntaxNode): PlantedBug[] {
  const [operator, left, right] = [node.field("operator"), node.field("left"), node.field("right")];
  if (operator === null || left === null || right?.text !== "1") return [];
  if (operator.text !== "-" && operator.text !== "+") return [];
  const isLength = /\.(?:length|size)$/.test(left.text);
  const isPlace = /^(?:subscript_expression|arguments|variable_declarator)$/.test(
    node.parent?.type ?? "",
  );
  if (!isPlace || !(isLength || left.type === "identifier")) return [];
  const context = node.parent?.type === "subscript_expression" ? node.parent : node;
  // A name alone is no quotation.
  const quoted =
    context === node
      ? node.parent?.type === "arguments"
        ? node.parent.parent!
        : node.parent!
      : context;
  return [{ node: quoted, from: left.to, to: right.to, text: "", says: [] }];
}

/** A loop that begins at 0 begins at 1, and the other way round. */
function start(node: SyntaxNode): PlantedBug[] {
  const value = node.field("value");
  const declaration = node.parent;
  if (value === null || declaration?.parent?.type !== "for_statement") return [];
  const wrong = { "0": "1", "1": "0" }[value.text];
  if (wrong === undefined || declaration.named.length > 1) return [];
  const says = value.text === "0" ? skips : [];
  return [{ node, from: value.from, to: value.to, text: wrong, says }];
}

/** The number that a slice begins or ends at. */
function slice(node: SyntaxNode): PlantedBug[] {
  const called = node.field("function");
  if (called?.type !== "member_expression") return [];
  if (!/^(?:slice|substring|subarray)$/.test(called.field("property")?.text ?? "")) return [];
  const given = node.field("arguments")?.named ?? [];
  const bugs = given.map((argument): PlantedBug | undefined => {
    const [from, to] = [argument.from, argument.to];
    if (/^[1-9]$/.test(argument.text)) {
      return { node, from, to, text: String(Number(argument.text) - 1), says: [], isHidden: true };
    }
    return argument.text === "-1"
      ? { node, from, to, text: "-2", says: [], isHidden: true }
      : undefined;
  });
  return bugs.filter((bug) => bug !== undefined);
}

const offByOne = [
  "Off by one in {name}.",
  "{name} is off by one.",
  "There is an off-by-one error in {name}, fix it.",
  "Fix the off-by-one error.",
  "Fix the off-by-one error in {name}.",
];

const tooFar = [
  "The loop goes one too far.",
  "The loop in {name} runs once too often.",
  "{name} reads one past the end.",
  "The last round of the loop is one too many.",
];

const tooEarly = [
  "The loop stops one too early.",
  "The loop in {name} misses the last one.",
  "{name} leaves the last one out.",
];

const skips = [
  "The loop skips the first one.",
  "The loop in {name} starts one too late.",
  "{name} misses the first element.",
];

const boundary = [
  "The boundary is treated wrongly in {name}.",
  "`{wrong}` gets the boundary wrong.",
  "The limit itself is on the wrong side in `{wrong}`.",
];
