// Plants a wrong operator in TypeScript or JavaScript: a comparison the wrong way round, "or" for "and",
// plus for minus, a check without its "not". What the unit does is then surely another thing.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { vagueNowAndThen } from "../bug-phrasings.ts";
import { ancestor } from "./nodes.ts";

interface Planted {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** What a person says who found it; `{wrong}` and `{right}` are the operators. */
  readonly says: readonly string[];
  readonly wrong: string;
  readonly right: string;
  /** The expression as it is with the bug. */
  readonly code: string;
  /** The expression as it was. */
  readonly meant: string;
}

export function loseOperator({ root, text }: EditUnit, random: Random): Loss | undefined {
  const found = [...descendants(root)].flatMap((node) => {
    const planted = plant(node, random);
    return planted !== undefined && isOnce(planted, text) ? [planted] : [];
  });
  if (found.length === 0) return undefined;
  const chosen = found[random.below(found.length)]!;
  const { from, to, text: replaced, says, wrong, right, code, meant } = chosen;
  const before = rewritten(text, [{ from, to, text: replaced }]);
  return {
    before,
    facts: { what: "operator", wrong: code, right: meant },
    words: { code, wrong, right },
    phrasings: vagueNowAndThen(random) ?? says,
  };
}

/** Code that is said is said of one place. */
function isOnce({ code, from, to, text: replaced }: Planted, text: string): boolean {
  const before = rewritten(text, [{ from, to, text: replaced }]);
  return (
    before.indexOf(code) === before.lastIndexOf(code) && code.length <= 60 && !code.includes("\n")
  );
}

const swaps: Readonly<Record<string, readonly string[]>> = {
  "<": [">"],
  ">": ["<"],
  "<=": [">="],
  ">=": ["<="],
  "===": ["!=="],
  "!==": ["==="],
  "==": ["!="],
  "!=": ["=="],
  "&&": ["||"],
  "||": ["&&"],
  "+": ["-"],
  "-": ["+"],
  "*": ["/", "+"],
  "/": ["*"],
  "%": ["/"],
  "<<": [">>"],
  ">>": ["<<"],
  "&": ["|"],
  "|": ["&"],
};

const assignmentSwaps: Readonly<Record<string, string>> = {
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "/=": "*=",
  "|=": "&=",
};

function plant(node: SyntaxNode, random: Random): Planted | undefined {
  if (node.type === "binary_expression") return binary(node, random);
  if (node.type === "augmented_assignment_expression") return assignment(node);
  return node.type === "unary_expression" ? negation(node) : undefined;
}

function binary(node: SyntaxNode, random: Random): Planted | undefined {
  const operator = node.field("operator");
  const wrongs = operator === null ? undefined : swaps[operator.text];
  if (operator === null || wrongs === undefined || !isMeaningful(node, operator.text)) return;
  const wrong = wrongs[random.below(wrongs.length)]!;
  // A neighbour that binds otherwise would be grouped anew.
  if (
    !/[=<>]/.test(operator.text) &&
    [node.parent, ...node.named].some((near) => near?.type === "binary_expression")
  )
    return undefined;
  return exchanged(node, operator, wrong, sayings(operator.text));
}

/** The expression with another operator in place of its own. */
function exchanged(
  node: SyntaxNode,
  operator: SyntaxNode,
  wrong: string,
  says: Planted["says"],
): Planted {
  const { from, to, text: right } = operator;
  const code = codeWith(node, operator, wrong);
  return { from, to, text: wrong, wrong, right, code, meant: node.text, says };
}

/** Where the other operator surely gives another result. */
function isMeaningful(node: SyntaxNode, operator: string): boolean {
  const [left, right] = [node.field("left"), node.field("right")];
  if (left === null || right === null || left.text === right.text) return false;
  const isText = [left, right].some(({ type }) => /string/.test(type));
  if (operator === "+" && isText) return false;
  // A default given by "||" is not known to be a question of truth.
  if (operator === "||" && !isCondition(node)) return false;
  if (operator === "&&" && !isCondition(node)) return false;
  if (/^[*/]$/.test(operator) && [left, right].some(({ text }) => /^-?1(?:\.0*)?$/.test(text)))
    return false;
  // The condition of a loop turned round never ends or never begins: a bug that nobody keeps.
  return !/\btypes?\b/.test(node.parent?.type ?? "");
}

/** Whether the expression is asked for its truth. */
function isCondition(node: SyntaxNode): boolean {
  const at = node.parent;
  if (at === null) return false;
  if (at.type === "parenthesized_expression") {
    const owner = at.parent?.type ?? "";
    return /^(?:if|while|do)_statement$/.test(owner) || isCondition(at);
  }
  if (at.type === "ternary_expression") return at.field("condition")?.from === node.from;
  if (at.type === "unary_expression") return true;
  if (at.type === "binary_expression")
    return /^(?:&&|\|\|)$/.test(at.field("operator")?.text ?? "") && isCondition(at);
  return at.type === "return_statement" && node.named.every((side) => isTruth(side));
}

function isTruth(node: SyntaxNode): boolean {
  if (node.type === "parenthesized_expression") return node.named.every(isTruth);
  if (node.type === "unary_expression") return node.text.startsWith("!");
  const operator = node.type === "binary_expression" ? (node.field("operator")?.text ?? "") : "";
  return /^(?:[=!]==?|[<>]=?|in|instanceof)$/.test(operator);
}

function assignment(node: SyntaxNode): Planted | undefined {
  const operator = node.field("operator");
  const wrong = operator === null ? undefined : assignmentSwaps[operator.text];
  if (operator === null || wrong === undefined) return undefined;
  const right = node.field("right");
  // Text can be put together, never taken away.
  if (
    right === null ||
    !/^(?:number|identifier|member_expression|binary_expression)$/.test(right.type)
  )
    return;
  if (/string|template/.test(right.named.map(({ type }) => type).join())) return undefined;
  if (right.type !== "number" && operator.text === "+=") return undefined;
  return exchanged(node, operator, wrong, arithmetic);
}

/** `!x` of a condition becomes `x`. */
function negation(node: SyntaxNode): Planted | undefined {
  const argument = node.field("argument");
  if (!node.text.startsWith("!") || argument === null || argument.text.startsWith("!"))
    return undefined;
  const owner = ancestor(node, ({ type }) => type !== "parenthesized_expression");
  const asked = node.parent?.type === "parenthesized_expression" && owner?.type === "if_statement";
  if (!asked || !/^(?:identifier|member_expression|call_expression)$/.test(argument.type)) return;
  const code = `if (${argument.text})`;
  return {
    from: node.from,
    to: argument.from,
    text: "",
    wrong: argument.text,
    right: node.text,
    code,
    meant: `if (${node.text})`,
    says: inverted,
  };
}

function codeWith(node: SyntaxNode, operator: SyntaxNode, wrong: string): string {
  const at = operator.from - node.from;
  return node.text.slice(0, at) + wrong + node.text.slice(at + operator.text.length);
}

function sayings(operator: string): readonly string[] {
  if (/^[<>]=?$/.test(operator)) return turned;
  if (/^[=!]==?$/.test(operator)) return inverted;
  return /^(?:&&|\|\|)$/.test(operator) ? joined : arithmetic;
}

const turned = [
  "The comparison `{code}` is the wrong way round, fix it.",
  "The comparison is the wrong way round, fix it.",
  "`{code}` compares the wrong way round.",
  "`{code}` should be the other way round.",
  "{name} compares in the wrong direction.",
  "A comparison in {name} points the wrong way. Fix it.",
  "Turn the comparison `{code}` round.",
  "Fix the comparison in {name}, it has {wrong} where it needs {right}.",
  "`{code}` should use {right}.",
  "There is a {wrong} that should be a {right}.",
  "Fix the check `{code}`.",
  "It checks `{code}`, which is backwards. Fix it.",
  "{name} has a comparison backwards, correct it.",
];

const inverted = [
  "The check `{code}` is inverted, fix it.",
  "The condition `{code}` is the wrong way round.",
  "One condition in {name} is inverted. Fix it.",
  "`{code}` is negated wrongly.",
  "`{code}` tests the opposite of what it should.",
  "{name} tests the opposite of what it should in one place.",
  "Fix the inverted condition in {name}.",
  "Fix the inverted condition.",
  "A condition is backwards: `{code}`.",
  "Invert the check `{code}`.",
  "It should be the opposite of `{code}`.",
  "The condition is inverted, correct it.",
  "{name} does the wrong branch: `{code}` should be the opposite.",
];

const joined = [
  "`{code}` should use {right}.",
  "`{code}` needs {right} instead of {wrong}.",
  "The condition `{code}` joins its parts with the wrong operator.",
  "It has {wrong} where {right} is meant. Fix it.",
  "{name} uses {wrong} where it needs {right}.",
  "Fix the logical operator in {name}.",
  "Fix the logical operator in `{code}`.",
  "Replace the wrong {wrong} with {right}.",
  "The two parts of `{code}` are combined wrongly.",
  "Wrong boolean operator in {name}: should be {right}.",
  "One condition uses {wrong} by mistake, use {right}.",
  "A condition in {name} mixes up and and or. Correct it.",
];

const arithmetic = [
  "`{code}` has the wrong operator, fix it.",
  "`{code}` should use {right}.",
  "It should be {right} and not {wrong} in `{code}`.",
  "{name} uses {wrong} where it should use {right}.",
  "Fix the arithmetic in {name}.",
  "Fix the arithmetic: `{code}` is wrong.",
  "There is a {wrong} that should be {right}.",
  "Wrong operator in {name}: {wrong} should be {right}.",
  "{name} calculates the wrong value because of `{code}`.",
  "The operator in `{code}` is wrong, correct it.",
  "Replace {wrong} with {right} in `{code}`.",
  "The calculation `{code}` is off, it needs {right}.",
];
